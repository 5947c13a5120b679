//! rkyv: into an aligned vector and with an arena that are both kept; read by checking the bytes and making the owned value
//! of them, since the others give owned values, too. What rkyv is made for, using the bytes in place, is not measured.

use rkyv::api::high::{HighDeserializer, HighSerializer, HighValidator, to_bytes_in_with_alloc};
use rkyv::bytecheck::CheckBytes;
use rkyv::rancor::Failure;
use rkyv::ser::allocator::{Arena, ArenaHandle};
use rkyv::util::AlignedVec;
use rkyv::{Archive, Deserialize, Serialize};

use crate::{Result, codec::Codec};

/// An aligned vector and an arena for all calls.
#[derive(Default)]
pub struct Rkyv {
    output: AlignedVec,
    arena: Arena,
}

impl<T> Codec<T> for Rkyv
where
    T: for<'a> Serialize<HighSerializer<AlignedVec, ArenaHandle<'a>, Failure>>,
    T: Archive<Archived: Deserialize<T, HighDeserializer<Failure>>>,
    T::Archived: for<'a> CheckBytes<HighValidator<'a, Failure>>,
{
    type Bytes = AlignedVec;

    #[inline(always)]
    fn encode(&mut self, value: &T) -> Result<&[u8]> {
        let mut output = std::mem::take(&mut self.output);
        output.clear();
        self.output = to_bytes_in_with_alloc::<_, _, Failure>(value, output, self.arena.acquire())?;
        Ok(&self.output)
    }

    #[inline(always)]
    fn decode(&mut self, bytes: &[u8]) -> Result<T> {
        Ok(rkyv::from_bytes::<T, Failure>(bytes)?)
    }

    #[inline(always)]
    fn encode_fresh(&mut self, value: &T) -> Result<AlignedVec> {
        // Keeps an arena for each thread by itself.
        Ok(rkyv::to_bytes::<Failure>(value)?)
    }
}
