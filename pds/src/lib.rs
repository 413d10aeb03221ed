//! A personal data server of the AT Protocol, to embed: accounts, repositories, blobs, the firehose.
//!
//! A [`Pds`] is built from parts ([`Pds::builder`]): a [`store`], an object store for blobs, keys, a clock, a mailer, a
//! resolver. [`Pds::router`] is its HTTP side, an axum router; everything that it does can be done in process too.

mod accounts;
mod api;
mod auth;
pub mod backup;
mod blobs;
mod builder;
pub mod check;
#[cfg(feature = "cli")]
pub mod config;
mod crawlers;
mod error;
mod firehose;
mod hooks;
pub mod keys;
mod mail;
mod metrics;
mod pds;
mod progress;
mod repos;
mod settings;
pub mod store;
#[cfg(test)]
mod testing;
mod web;
mod worker;

pub use accounts::{Password, SignUp};
pub use auth::{Access, Authenticate, Credentials, StaticToken};
#[cfg(feature = "s3")]
pub use blobs::S3Bucket;
pub use blobs::{Audit, BlobBytes, BlobContent, BlobRange, BlobRedirect, Blobs, Media, ObjectPlace, RemoteLimits};
pub use builder::Builder;
#[cfg(feature = "cli")]
pub use config::Config;
pub use error::Error;
pub use firehose::{EventStream, Firehose};
pub use hooks::{Committed, Hooks, Proposal};
pub use mail::{Mail, MailError, MailLog, Mailer};
pub use metrics::Metrics;
pub use pds::Pds;
pub use progress::{Progress, Step};
pub use repos::{Change, Outcome, Page, Validate, WriteOptions, WriteResult};
pub use settings::{ExportPolicy, MetricsPolicy, Settings, SignUps};

/// The programs of the README.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
struct Readme;
