//! The libraries, each behind [`Codec`] and each run the way its authors run it when they want speed.

use crate::Result;
use crate::catalogue::Group;
use crate::codec::Codec;
use crate::figure::Role;
use crate::library::{CloneFloor, Compressed, CopyFloor, Entry, Library};
use crate::sets::{Data, Registered};

use self::bitcode::Bitcode;
use self::borsh::Borsh;
use self::ciborium::Ciborium;
use self::fory::Fory;
use self::nanoserde::Nanoserde;
use self::persist::{Frame, Messages, Persist};
use self::postcard::Postcard;
use self::rkyv::Rkyv;
use self::savefile::Savefile;
use self::serde_zap::SerdeZap;
use self::wincode::Wincode;

pub mod bitcode;
pub mod borsh;
pub mod ciborium;
pub mod fory;
pub mod nanoserde;
pub mod persist;
pub mod postcard;
pub mod rkyv;
pub mod savefile;
pub mod serde_zap;
pub mod wincode;

/// What the rows of one data set are kept in.
pub type Libraries<T> = Vec<Box<dyn Library<T>>>;

/// What fory's values may take in memory where the 128 MiB that it allows are too few: eight gibibytes.
const LARGE: usize = 8 << 30;

/// Every row, in the order of the table.
pub fn all<T>(group: Group) -> Result<Libraries<T>>
where
    T: Data + Registered,
    Persist: Codec<T>,
    Messages: Codec<T>,
    Bitcode: Codec<T>,
    Wincode: Codec<T>,
    Rkyv: Codec<T>,
    Savefile: Codec<T>,
    Borsh: Codec<T>,
    SerdeZap: Codec<T>,
    Postcard: Codec<T>,
    Nanoserde: Codec<T>,
    Fory: Codec<T>,
    Ciborium: Codec<T>,
{
    let mut libraries = ours(group);
    libraries.push(peer("bitcode", Bitcode::default()));
    libraries.push(peer("fory", Fory::new::<T>((group == Group::Large).then_some(LARGE))?));
    libraries.extend(recursive_peers());
    libraries.extend(floors(group));
    Ok(libraries)
}

/// The rows for a type that holds itself. For bitcode the compiler reaches its recursion limit; what fory derives never
/// comes back, since it adds up the space that a box of the type itself may need.
pub fn recursive<T>(group: Group) -> Result<Libraries<T>>
where
    T: Data,
    Persist: Codec<T>,
    Messages: Codec<T>,
    Wincode: Codec<T>,
    Rkyv: Codec<T>,
    Savefile: Codec<T>,
    Borsh: Codec<T>,
    SerdeZap: Codec<T>,
    Postcard: Codec<T>,
    Nanoserde: Codec<T>,
    Ciborium: Codec<T>,
{
    let mut libraries = ours(group);
    libraries.extend(recursive_peers());
    libraries.extend(floors(group));
    Ok(libraries)
}

/// The rows of persist. No peer has a checksum: without one, like is compared with like.
fn ours<T: Data>(group: Group) -> Libraries<T>
where
    Persist: Codec<T>,
    Messages: Codec<T>,
{
    match group {
        Group::Messages => vec![Box::new(Entry::new("persist", Role::Ours, Messages::default()))],
        Group::Public | Group::Large => {
            let mut ours: Libraries<T> = vec![
                Box::new(Entry::new("persist", Role::Ours, Persist::new(Frame::Unchecked))),
                Box::new(Entry::new("persist (checksum)", Role::Variant, Persist::new(Frame::Checked))),
            ];
            if group == Group::Public {
                ours.push(Box::new(Compressed::new("persist (small)", Role::Variant, Persist::new(Frame::Small))));
            }
            ours
        }
    }
}

fn recursive_peers<T: Data>() -> Libraries<T>
where
    Wincode: Codec<T>,
    Rkyv: Codec<T>,
    Savefile: Codec<T>,
    Borsh: Codec<T>,
    SerdeZap: Codec<T>,
    Postcard: Codec<T>,
    Nanoserde: Codec<T>,
    Ciborium: Codec<T>,
{
    vec![
        peer("wincode", Wincode::default()),
        peer("rkyv", Rkyv::default()),
        peer("savefile", Savefile::default()),
        peer("borsh", Borsh::default()),
        peer("serde-zap", SerdeZap::default()),
        peer("postcard", Postcard::default()),
        peer("nanoserde", Nanoserde::default()),
        peer("ciborium", Ciborium::default()),
    ]
}

fn floors<T: Data>(group: Group) -> Libraries<T>
where
    Persist: Codec<T>,
    Messages: Codec<T>,
{
    let copied: Box<dyn Library<T>> = match group {
        Group::Messages => Box::new(CopyFloor::new(Messages::default())),
        Group::Public | Group::Large => Box::new(CopyFloor::new(Persist::new(Frame::Unchecked))),
    };
    vec![Box::new(CloneFloor), copied]
}

fn peer<T: Data>(name: &'static str, codec: impl Codec<T> + 'static) -> Box<dyn Library<T>> {
    Box::new(Entry::new(name, Role::Peer, codec))
}
