//! Cbor and Json beside ciborium and `serde_json`, on the same records: each writes and reads what the other could.

use ciborium::de::from_reader;
use persist::{Dumper, Loader, Protocol};

use crate::Result;
use crate::evolve::{median, time};
use crate::growth::{Record, records};

/// One format: nanoseconds of persist's and of the peer's, and the medians of the first by the second of each round.
#[derive(Clone, Debug)]
pub struct Row {
    /// The format and the peer.
    pub name: &'static str,
    /// Writing: persist, the peer, and the ratio.
    pub dump: [f64; 3],
    /// Reading: persist, the peer, and the ratio.
    pub load: [f64; 3],
}

/// Times so many records, so many times, one after the other.
pub fn measure(count: usize, rounds: usize) -> Result<Vec<Row>> {
    let records = records(count);
    let cbor = measure_one(
        "Cbor / ciborium",
        Protocol::Cbor,
        &records,
        rounds,
        |records| {
            let mut bytes = Vec::new();
            ciborium::into_writer(records, &mut bytes)?;
            Ok(bytes)
        },
        |bytes| Ok(from_reader(bytes)?),
    )?;
    let json = measure_one(
        "Json / serde_json",
        Protocol::Json,
        &records,
        rounds,
        |records| Ok(serde_json::to_vec(records)?),
        |bytes| Ok(serde_json::from_slice(bytes)?),
    )?;
    Ok(vec![cbor, json])
}

fn measure_one(
    name: &'static str,
    protocol: Protocol,
    records: &Vec<Record>,
    rounds: usize,
    write: impl Fn(&Vec<Record>) -> Result<Vec<u8>>,
    read: impl Fn(&[u8]) -> Result<Vec<Record>>,
) -> Result<Row> {
    let dump = || Ok(Dumper::new().protocol(protocol).dumps(records)?);
    let load = |bytes: &[u8]| Ok(Loader::new().loads::<Vec<Record>>(bytes)?);
    let (ours, theirs) = (dump()?, write(records)?);
    // Each reads what the other wrote.
    if &load(&theirs)? != records || &read(&ours)? != records {
        return Err(format!("{name}: the records come back as others").into());
    }
    let mut dumps: [Vec<f64>; 3] = Default::default();
    let mut loads = dumps.clone();
    for _ in 0..rounds {
        for (times, [own, peer]) in [
            (&mut dumps, [time(dump)?, time(|| write(records))?]),
            (&mut loads, [time(|| load(&ours))?, time(|| read(&theirs))?]),
        ] {
            times.iter_mut().zip([own, peer, own / peer]).for_each(|(times, time)| times.push(time));
        }
    }
    Ok(Row { name, dump: dumps.map(median), load: loads.map(median) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reads_what_the_other_wrote() {
        let rows = measure(500, 1).expect("they load");
        assert_eq!(rows.len(), 2);
    }
}
