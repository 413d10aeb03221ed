//! The resolver against a world that answers as a test says.

mod both_ways;
mod bounds;
mod consumer;
mod failures;
mod forced;
mod forgetting;
mod model;
mod remembering;
mod sharing;
mod world;

use self::world::{Said, World, alice, alice_handle, bob};
use super::{Freshness, Resolver};
