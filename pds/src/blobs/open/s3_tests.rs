mod service;

use object_store::{ObjectStoreExt, path::Path};

use self::service::Service;
use super::{super::testing, *};

const HOST: &str = "s3.example.com";

fn bucket(service: &Service) -> S3Bucket {
    let bucket = S3Bucket::new("photos", "eu-1", "key-id", "the secret");
    S3Bucket { endpoint: Some(service.endpoint().into()), allow_http: true, ..bucket }
}

#[tokio::test]
async fn blobs_live_in_a_bucket() {
    let service = Service::start().await;
    testing::life_of_blobs(ObjectPlace::S3(bucket(&service)).open().unwrap(), 9 << 20).await;
    assert_eq!(service.keys(), ["photos/blobs/owner"]);
    assert_eq!(service.open_uploads(), 0);
    assert_eq!(service.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn keys_may_have_a_prefix() {
    let service = Service::start().await;
    let place = ObjectPlace::S3(S3Bucket { prefix: Some("pds/one".into()), ..bucket(&service) });
    testing::life_of_blobs(place.open().unwrap(), 1 << 20).await;
    assert_eq!(service.keys(), ["photos/pds/one/blobs/owner"]);
}

#[tokio::test]
async fn a_bucket_that_fails_for_a_moment_is_asked_again() {
    let service = Service::start().await;
    let objects = ObjectPlace::S3(bucket(&service)).open().unwrap();
    service.fail_next();
    objects.put(&Path::from("a"), "bytes".into()).await.unwrap();
    assert_eq!(service.keys(), ["photos/a"]);
}

#[tokio::test]
async fn an_endpoint_needs_tls_unless_it_is_said_not_to() {
    let service = Service::start().await;
    let place = ObjectPlace::S3(S3Bucket { allow_http: false, ..bucket(&service) });
    assert!(place.open().is_err());
    // TLS is there: what fails is that the other side has none.
    let endpoint = service.endpoint().replace("http://", "https://");
    let bucket = S3Bucket { endpoint: Some(endpoint.into()), allow_http: false, ..bucket(&service) };
    let asking = async { ObjectPlace::S3(bucket).open().unwrap().head(&Path::from("a")).await };
    assert!(tokio::time::timeout(std::time::Duration::from_millis(300), asking).await.is_err());
    assert!(service.complaints().is_empty() && service.keys().is_empty());
}

#[test]
fn the_bucket_is_in_the_host_or_in_the_path() {
    let bucket = S3Bucket::new("photos", "eu-1", "key-id", "the secret");
    let bucket = S3Bucket { endpoint: Some(format!("https://{HOST}/").into()), ..bucket };
    assert_eq!(ObjectPlace::S3(bucket.clone()).open().unwrap().to_string(), "AmazonS3(photos)");
    for bad in ["", "s3.example.com", "ftp://s3.example.com"] {
        let place = ObjectPlace::S3(S3Bucket { endpoint: Some(bad.into()), ..bucket.clone() });
        assert!(place.open().is_err(), "{bad}");
    }
    ObjectPlace::S3(S3Bucket { path_style: false, ..bucket }).open().unwrap();
}

#[test]
fn the_secret_is_not_shown() {
    let bucket = S3Bucket::new("photos", "eu-1", "key-id", "the secret");
    let shown = format!("{:?}", ObjectPlace::S3(bucket));
    assert!(shown.contains("photos") && !shown.contains("the secret"), "{shown}");
}
