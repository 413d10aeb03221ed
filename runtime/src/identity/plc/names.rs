//! The words of operations.

pub(super) const TYPE: &str = "type";
pub(super) const PREV: &str = "prev";
pub(super) const SIG: &str = "sig";

/// What `type` says.
pub(super) const OPERATION: &str = "plc_operation";
pub(super) const TOMBSTONE: &str = "plc_tombstone";
pub(super) const CREATE: &str = "create";

pub(super) const DID: &str = "did";
pub(super) const ROTATION_KEYS: &str = "rotationKeys";
pub(super) const VERIFICATION_METHODS: &str = "verificationMethods";
pub(super) const ALSO_KNOWN_AS: &str = "alsoKnownAs";
pub(super) const SERVICES: &str = "services";
pub(super) const ENDPOINT: &str = "endpoint";

/// The fields of the old form.
pub(super) const SIGNING_KEY: &str = "signingKey";
pub(super) const RECOVERY_KEY: &str = "recoveryKey";
pub(super) const HANDLE: &str = "handle";
pub(super) const SERVICE: &str = "service";
