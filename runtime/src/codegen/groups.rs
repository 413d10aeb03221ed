//! The traits of a group of methods: `Client` to call them, `Server` to serve them.
//!
//! What they need of the runtime is there only with its features, and generated code knows no
//! features; so without one the macro of that side expands to nothing.

#[cfg(feature = "server")]
use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
};

#[cfg(feature = "server")]
use crate::{
    server::{Context, Events, Failure, Route},
    xrpc::{Method, Subscription},
};

/// The methods of a group, as their traits have them. In brackets stands which traits there are;
/// `server` and `complete_server` carry what the compiler says where the trait is missing.
#[doc(hidden)]
#[macro_export]
macro_rules! __methods {
    ($nsid:literal [], $($list:tt)*) => {};
    ($nsid:literal [client $(, $($more:tt)*)?], $($list:tt)*) => {
        $crate::__codegen::client! { $nsid, $($list)* }
        $crate::__codegen::methods! { $nsid [$($($more)*)?], $($list)* }
    };
    ($nsid:literal [server($message:literal)], $($list:tt)*) => {
        $crate::__codegen::server! { $nsid, $message, $($list)* }
    };
    ($nsid:literal [complete_server($message:literal)], $($list:tt)*) => {
        $crate::__codegen::complete_server! { $nsid, $message, $($list)* }
    };
}

/// The client side of a group; nothing where the feature is off.
#[cfg(not(feature = "client"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __client {
    ($($list:tt)*) => {};
}

/// The client side of a group; nothing where the feature is off.
#[cfg(feature = "client")]
#[doc(hidden)]
#[macro_export]
macro_rules! __client {
    ($nsid:literal,
        $(methods { $(
            $(#[$doc:meta])*
            fn $method:ident($arg:ident: $request:ty $(, $body:ident: $input:ty)?) -> Result<$output:ty, $error:ty>;
        )* } $(,)?)?
        $(subscriptions { $(
            $(#[$stream_doc:meta])*
            fn $stream:ident($params:ident: $endpoint:ty) -> Stream<$message:ty, $failure:ty>;
        )* } $(,)?)?
    ) => {
        #[doc = ::core::concat!("Calls the methods of `", $nsid, "`: there for everything that has a client.")]
        pub trait Client: $crate::__codegen::Caller {
            $($(
                $(#[$doc])*
                fn $method(
                    &self,
                    $arg: $request
                    $(, $body: impl ::core::convert::Into<$input>)?
                ) -> $crate::__codegen::Call<$request> {
                    let client = $crate::__codegen::Caller::client(self);
                    $crate::__codegen::Call::new(client, $arg, $crate::__codegen::beside!($($body)?))
                }
            )*)?
            $($(
                $(#[$stream_doc])*
                fn $stream(&self, $params: $endpoint) -> $crate::__codegen::Subscribe<$endpoint> {
                    $crate::__codegen::Subscribe::new($crate::__codegen::Caller::client(self), $params)
                }
            )*)?
        }

        impl<C: $crate::__codegen::Caller + ?::core::marker::Sized> Client for C {}
    };
}

/// What is passed beside a request: a body, or nothing.
#[cfg(feature = "client")]
#[doc(hidden)]
#[macro_export]
macro_rules! __beside {
    () => {
        ()
    };
    ($body:ident) => {
        ::core::convert::Into::into($body)
    };
}

/// The server side of a group; nothing where the feature is off.
#[cfg(not(feature = "server"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __server {
    ($($list:tt)*) => {};
}

/// The server side of a group; nothing where the feature is off.
#[cfg(not(feature = "server"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __complete_server {
    ($($list:tt)*) => {};
}

/// The server side of a group; nothing where the feature is off.
#[cfg(feature = "server")]
#[doc(hidden)]
#[macro_export]
macro_rules! __server {
    ($nsid:literal, $unimplemented:literal,
        $(methods { $(
            $(#[$doc:meta])*
            fn $method:ident($arg:ident: $request:ty $(, $body:ident: $input:ty)?) -> Result<$output:ty, $error:ty>;
        )* } $(,)?)?
        $(subscriptions { $(
            $(#[$stream_doc:meta])*
            fn $stream:ident($params:ident: $endpoint:ty) -> Stream<$message:ty, $failure:ty>;
        )* } $(,)?)?
    ) => {
        #[doc = ::core::concat!("Serves the methods of `", $nsid, "`.")]
        ///
        /// Write those that there are, as `async fn`; a call of another is answered with 501.
        #[diagnostic::on_unimplemented(
            message = $unimplemented,
            label = "not a server of these methods",
            note = "implement the trait `Server` of the module that `router` is in; all its methods have a default"
        )]
        pub trait Server: ::core::marker::Send + ::core::marker::Sync + 'static {
            $($(
                $(#[$doc])*
                fn $method(
                    &self,
                    cx: $crate::__codegen::Context,
                    $arg: $request
                    $(, $body: $input)?
                ) -> impl ::core::future::Future<
                    Output = ::core::result::Result<$output, $crate::__codegen::Failure<$error>>,
                > + ::core::marker::Send {
                    $crate::__codegen::unserved((cx, $arg $(, $body)?))
                }
            )*)?
            $($(
                $(#[$stream_doc])*
                fn $stream(
                    &self,
                    cx: $crate::__codegen::Context,
                    $params: $endpoint,
                ) -> impl ::core::future::Future<
                    Output = ::core::result::Result<
                        $crate::__codegen::Events<$endpoint>,
                        $crate::__codegen::Failure<$failure>,
                    >,
                > + ::core::marker::Send {
                    $crate::__codegen::unserved((cx, $params))
                }
            )*)?
        }

        $crate::__codegen::router! { $nsid,
            [$($($method($arg: $request $(, $body)?))*)?]
            [$($($stream($params: $endpoint))*)?]
        }
    };
}

/// The server side of a group without answers of its own; nothing where the feature is off.
#[cfg(feature = "server")]
#[doc(hidden)]
#[macro_export]
macro_rules! __complete_server {
    ($nsid:literal, $unimplemented:literal,
        $(methods { $(
            $(#[$doc:meta])*
            fn $method:ident($arg:ident: $request:ty $(, $body:ident: $input:ty)?) -> Result<$output:ty, $error:ty>;
        )* } $(,)?)?
        $(subscriptions { $(
            $(#[$stream_doc:meta])*
            fn $stream:ident($params:ident: $endpoint:ty) -> Stream<$message:ty, $failure:ty>;
        )* } $(,)?)?
    ) => {
        #[doc = ::core::concat!("Serves all methods of `", $nsid, "`.")]
        ///
        /// Write them as `async fn`.
        #[diagnostic::on_unimplemented(
            message = $unimplemented,
            label = "not a server of these methods",
            note = "implement the trait `Server` of the module that `router` is in"
        )]
        pub trait Server: ::core::marker::Send + ::core::marker::Sync + 'static {
            $($(
                $(#[$doc])*
                fn $method(
                    &self,
                    cx: $crate::__codegen::Context,
                    $arg: $request
                    $(, $body: $input)?
                ) -> impl ::core::future::Future<
                    Output = ::core::result::Result<$output, $crate::__codegen::Failure<$error>>,
                > + ::core::marker::Send;
            )*)?
            $($(
                $(#[$stream_doc])*
                fn $stream(
                    &self,
                    cx: $crate::__codegen::Context,
                    $params: $endpoint,
                ) -> impl ::core::future::Future<
                    Output = ::core::result::Result<
                        $crate::__codegen::Events<$endpoint>,
                        $crate::__codegen::Failure<$failure>,
                    >,
                > + ::core::marker::Send;
            )*)?
        }

        $crate::__codegen::router! { $nsid,
            [$($($method($arg: $request $(, $body)?))*)?]
            [$($($stream($params: $endpoint))*)?]
        }
    };
}

/// The routes of a group.
#[cfg(feature = "server")]
#[doc(hidden)]
#[macro_export]
macro_rules! __router {
    ($nsid:literal,
        [$($method:ident($arg:ident: $request:ty $(, $body:ident)?))*]
        [$($stream:ident($params:ident: $endpoint:ty))*]
    ) => {
        #[doc = ::core::concat!("The routes of the methods of `", $nsid, "`, answered by `server`.")]
        pub fn router(server: ::std::sync::Arc<impl Server>) -> $crate::__codegen::Router {
            let router = $crate::__codegen::Router::new();
            $(let router = router.route($crate::__codegen::served!(&server, $request, $method $(, $body)?));)*
            $(let router = router.route($crate::__codegen::served_stream::<$endpoint, _, _>(&server, Server::$stream));)*
            router
        }
    };
}

/// The route of a method, with a body beside the request struct or without.
#[cfg(feature = "server")]
#[doc(hidden)]
#[macro_export]
macro_rules! __served {
    ($server:expr, $request:ty, $method:ident) => {
        $crate::__codegen::served::<$request, _, _>($server, Server::$method)
    };
    ($server:expr, $request:ty, $method:ident, $body:ident) => {
        $crate::__codegen::served_with::<$request, _, _>($server, Server::$method)
    };
}

/// A method of a server trait. The future borrows the server, so its type depends on how long; a
/// bound on a function cannot say that, this can.
#[cfg(feature = "server")]
pub trait Handler<'s, S: 's, A, T>: Copy + Send + Sync + 'static {
    /// What calling it gives.
    type Answer: Future<Output = T> + Send;
    /// Calls it.
    fn call(self, server: &'s S, arguments: A) -> Self::Answer;
}

#[cfg(feature = "server")]
impl<'s, S: 's, E, T, F, R> Handler<'s, S, (Context, E), T> for F
where
    F: Fn(&'s S, Context, E) -> R + Copy + Send + Sync + 'static,
    R: Future<Output = T> + Send,
{
    type Answer = R;

    fn call(self, server: &'s S, (cx, request): (Context, E)) -> R {
        self(server, cx, request)
    }
}

#[cfg(feature = "server")]
impl<'s, S: 's, E, I, T, F, R> Handler<'s, S, (Context, E, I), T> for F
where
    F: Fn(&'s S, Context, E, I) -> R + Copy + Send + Sync + 'static,
    R: Future<Output = T> + Send,
{
    type Answer = R;

    fn call(self, server: &'s S, (cx, request, input): (Context, E, I)) -> R {
        self(server, cx, request, input)
    }
}

/// The route of a method without a body beside its request struct.
#[cfg(feature = "server")]
pub fn served<E, S, F>(server: &Arc<S>, method: F) -> Route
where
    E: Method<Input = ()>,
    S: Send + Sync + 'static,
    F: for<'s> Handler<'s, S, (Context, E), Result<E::Output, Failure<E::Error>>>,
{
    let server = Arc::clone(server);
    Route::method::<E, _, _>(move |cx, request, ()| {
        let server = Arc::clone(&server);
        async move { method.call(&server, (cx, request)).await }
    })
}

/// The route of a method with a body beside its request struct.
#[cfg(feature = "server")]
pub fn served_with<E, S, F>(server: &Arc<S>, method: F) -> Route
where
    E: Method,
    S: Send + Sync + 'static,
    F: for<'s> Handler<'s, S, (Context, E, E::Input), Result<E::Output, Failure<E::Error>>>,
{
    let server = Arc::clone(server);
    Route::method::<E, _, _>(move |cx, request, input| {
        let server = Arc::clone(&server);
        async move { method.call(&server, (cx, request, input)).await }
    })
}

/// The route of a subscription.
#[cfg(feature = "server")]
pub fn served_stream<E, S, F>(server: &Arc<S>, method: F) -> Route
where
    E: Subscription,
    S: Send + Sync + 'static,
    F: for<'s> Handler<'s, S, (Context, E), Result<Events<E>, Failure<E::Error>>>,
{
    let server = Arc::clone(server);
    Route::subscription::<E, _, _>(move |cx, request| {
        let server = Arc::clone(&server);
        async move { method.call(&server, (cx, request)).await }
    })
}

/// The answer to a call of a method that a server does not have.
#[cfg(feature = "server")]
#[derive(Debug)]
pub struct Unserved<T>(PhantomData<fn() -> T>);

/// Answers that the method is not implemented. The request is taken only to be dropped.
#[cfg(feature = "server")]
pub fn unserved<R, T>(request: R) -> Unserved<T> {
    drop(request);
    Unserved(PhantomData)
}

#[cfg(feature = "server")]
impl<T, E> Future for Unserved<Result<T, Failure<E>>> {
    type Output = Result<T, Failure<E>>;

    fn poll(self: Pin<&mut Self>, _: &mut task::Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Err(Failure::not_implemented()))
    }
}
