//! A name server that knows TXT records, and nothing else.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, UdpSocket},
    sync::{Arc, Mutex},
    thread,
};

/// TXT records by name. A name without records fails.
pub(crate) type Zone = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

const NO_ERROR: u8 = 0;
const SERVER_FAILURE: u8 = 2;
const NO_SUCH_NAME: u8 = 3;

const TXT: [u8; 2] = [0, 16];

pub(crate) fn serve(zone: Zone) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut bytes = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut bytes) {
            if let Some(answer) = answer(&bytes[..length], &zone) {
                let _ = socket.send_to(&answer, from);
            }
        }
    });
    address
}

fn answer(question: &[u8], zone: &Zone) -> Option<Vec<u8>> {
    let (id, rest) = (question.get(..2)?, question.get(12..)?);
    let (name, length) = name(rest)?;
    let question = rest.get(..length + 4)?;
    let is_txt = question.get(length..length + 2)? == TXT;
    let records = zone.lock().unwrap().get(&name).cloned();
    let code = match &records {
        None => NO_SUCH_NAME,
        Some(records) if records.is_empty() => SERVER_FAILURE,
        Some(_) => NO_ERROR,
    };
    let records = records.filter(|_| is_txt).unwrap_or_default();
    let mut answer = id.to_vec();
    // An answer, recursion wanted and there; one question, so many answers, nothing else.
    answer.extend([0x81, 0x80 | code, 0, 1, 0, u8::try_from(records.len()).ok()?, 0, 0, 0, 0]);
    answer.extend(question);
    for record in records {
        answer.extend(resource(&record)?);
    }
    Some(answer)
}

/// A TXT record of one part for the name in the question, which begins at byte 12.
fn resource(text: &str) -> Option<Vec<u8>> {
    let length = u8::try_from(text.len()).ok()?;
    let head = [0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, length + 1, length];
    Some([&head[..], text.as_bytes()].concat())
}

/// A name in lower case, and how many bytes it takes.
fn name(bytes: &[u8]) -> Option<(String, usize)> {
    let (mut labels, mut at) = (Vec::new(), 0);
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        let label = std::str::from_utf8(bytes.get(at..at + length)?).ok()?;
        labels.push(label.to_ascii_lowercase());
        at += length;
    }
}
