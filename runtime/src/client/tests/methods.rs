//! Methods as the generator writes them.

#![expect(unreachable_pub, reason = "the macros write constructors for others to see")]

use crate::__codegen as rt;

/// A query with parameters, pages and a declared error.
#[derive(Clone)]
pub(super) struct List {
    pub(super) limit: Option<i64>,
    pub(super) cursor: Option<String>,
}

rt::build! { List {} [limit, cursor] { limit => limit: i64, cursor => cursor: impl Into<String> } }
rt::params! { List, LIST_SCHEMA, [0 limit, 1 cursor] }

#[derive(Clone)]
pub(super) struct ListOutput {
    pub(super) items: Vec<i64>,
    pub(super) cursor: Option<String>,
    pub(super) extra: rt::Extra,
}

rt::object! { ListOutput, LIST_OUTPUT_SCHEMA, [0 items, 1 cursor] }

impl rt::Method for List {
    const ENDPOINT: &'static rt::Endpoint = &LIST;
    const REQUEST: rt::RequestPart = rt::RequestPart::Params;
    type Input = ();
    type Output = ListOutput;
    type Error = ListError;
}

impl rt::Query for List {}

impl rt::Paged for List {
    fn next(output: &ListOutput) -> Option<&str> {
        output.cursor.as_deref()
    }

    fn position(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    fn set_cursor(&mut self, cursor: String) {
        self.cursor = Some(cursor);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ListError {
    NoSuchList(Option<String>),
}

rt::errors! { ListError { NoSuchList = "NoSuchList" } }

static LIST: rt::Endpoint = rt::Endpoint {
    nsid: rt::name("com.example.list"),
    kind: rt::EndpointKind::Query,
    params: Some(rt::Ref::Static(&LIST_SCHEMA)),
    input: None,
    output: Some(json(Some(rt::Ref::Static(&LIST_OUTPUT_SCHEMA)))),
    message: None,
};

static LIST_SCHEMA: rt::Schema = rt::Schema {
    id: rt::name("com.example.list"),
    role: rt::Role::Params,
    ty: rt::Type::Object(rt::Shared::Static(&[
        rt::optional("limit", rt::within(1, 100)),
        rt::optional("cursor", rt::text()),
    ])),
};

static LIST_OUTPUT_SCHEMA: rt::Schema = rt::Schema {
    id: rt::name("com.example.list"),
    role: rt::Role::Output,
    ty: rt::Type::Object(rt::Shared::Static(&[
        rt::list!(required, "items", rt::integer(), rt::Lengths::ANY),
        rt::optional("cursor", rt::text()),
    ])),
};

/// A procedure with a JSON body and no answer.
#[derive(Clone)]
pub(super) struct Put {
    pub(super) name: String,
    pub(super) extra: rt::Extra,
}

rt::build! { Put { name: impl Into<String> } [] extra }
rt::object! { Put, PUT_SCHEMA, [0 name] }

impl rt::Method for Put {
    const ENDPOINT: &'static rt::Endpoint = &PUT;
    const REQUEST: rt::RequestPart = rt::RequestPart::Input;
    type Input = ();
    type Output = ();
    type Error = ::core::convert::Infallible;
}

impl rt::Procedure for Put {}

static PUT: rt::Endpoint = rt::Endpoint {
    nsid: rt::name("com.example.put"),
    kind: rt::EndpointKind::Procedure,
    params: None,
    input: Some(json(Some(rt::Ref::Static(&PUT_SCHEMA)))),
    output: None,
    message: None,
};

static PUT_SCHEMA: rt::Schema = rt::Schema {
    id: rt::name("com.example.put"),
    role: rt::Role::Input,
    ty: rt::Type::Object(rt::Shared::Static(&[rt::required(
        "name",
        rt::bounded(rt::lengths(1, 10), rt::Lengths::ANY),
    )])),
};

/// A procedure with any body and an answer that is a stream.
#[derive(Clone, Default)]
pub(super) struct Upload {}

rt::build! { Upload {} [] }
rt::params! { Upload, UPLOAD_SCHEMA, [] }

impl rt::Method for Upload {
    const ENDPOINT: &'static rt::Endpoint = &UPLOAD;
    const REQUEST: rt::RequestPart = rt::RequestPart::Params;
    type Input = rt::Body;
    type Output = rt::Body;
    type Error = ::core::convert::Infallible;
}

impl rt::Procedure for Upload {}

static UPLOAD: rt::Endpoint = rt::Endpoint {
    nsid: rt::name("com.example.upload"),
    kind: rt::EndpointKind::Procedure,
    params: None,
    input: Some(rt::BodySchema { encoding: rt::name("*/*"), schema: None }),
    output: Some(rt::BodySchema { encoding: rt::name("*/*"), schema: None }),
    message: None,
};

static UPLOAD_SCHEMA: rt::Schema = rt::Schema {
    id: rt::name("com.example.upload"),
    role: rt::Role::Params,
    ty: rt::Type::Object(rt::Shared::Static(&[])),
};

/// A procedure without bodies, of a name that is chosen when it is written.
macro_rules! bare {
    ($name:ident, $nsid:literal) => {
        #[derive(Clone, Default)]
        pub(super) struct $name {}

        rt::build! { $name {} [] }
        rt::params! { $name, UPLOAD_SCHEMA, [] }

        impl rt::Method for $name {
            const ENDPOINT: &'static rt::Endpoint = &rt::Endpoint {
                nsid: rt::name($nsid),
                kind: rt::EndpointKind::Procedure,
                params: None,
                input: None,
                output: None,
                message: None,
            };
            const REQUEST: rt::RequestPart = rt::RequestPart::Params;
            type Input = ();
            type Output = ();
            type Error = ::core::convert::Infallible;
        }
    };
}

bare!(UpdateHandle, "com.atproto.identity.updateHandle");
bare!(ConfirmEmail, "com.atproto.server.confirmEmail");
bare!(DeleteAccount, "com.atproto.server.deleteAccount");
bare!(Touch, "com.example.touch");

const fn json(schema: Option<rt::Ref>) -> rt::BodySchema {
    rt::BodySchema { encoding: rt::name("application/json"), schema }
}
