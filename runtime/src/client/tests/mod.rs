mod auths;
mod calls;
mod fake;
mod methods;
mod pages;
mod redirects;
mod retries;
mod sessions;
#[cfg(feature = "reqwest")]
mod sockets;
