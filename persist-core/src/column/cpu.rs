//! Code that is compiled more than once: for any processor, and for those with wider registers.
#![allow(unsafe_code, reason = "one of the modules named for it: calls code compiled for the processor at hand")]

use std::sync::atomic::{AtomicU8, Ordering};

/// What the processor was found to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cpu(Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Plain,
    /// Registers of 256 bits.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// The same, and bits of a word are gathered and scattered by one instruction.
    #[cfg(target_arch = "x86_64")]
    Bmi2,
    /// The same, with registers of 512 bits.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// The level as a number, once it is known: 1 and up.
static KNOWN: AtomicU8 = AtomicU8::new(0);

/// Work that [`Cpu::run`] does. Its `run` and all that it calls on the way to its loops are `inline(always)`, so that
/// they are compiled with what the processor has.
pub(super) trait Job {
    type Output;
    /// Whether registers of 512 bits make it so much faster that code for them pays.
    const WIDEST: bool = false;
    /// Whether it is done otherwise on different machines of one register width. If not, it is compiled once for all of these.
    const BY_MACHINE: bool = false;

    fn run<M: Machine>(self, machine: M) -> Self::Output;
}

/// What has to be said otherwise for some processors, since the compiler does not find it.
pub(super) trait Machine: Copy {
    /// The low bits, `width` of them, of each lane of `L` bytes next to one another. The other bits are zero.
    fn join<const L: usize>(self, word: u64, width: u32) -> u64;
    /// The reverse of [`join`](Machine::join); bits behind those of the lanes do not count.
    fn spread<const L: usize>(self, bits: u64, width: u32) -> u64;
}

/// Any processor.
#[derive(Clone, Copy)]
struct Plain;

impl Machine for Plain {
    #[inline(always)]
    fn join<const L: usize>(self, mut word: u64, width: u32) -> u64 {
        let (mut lane, mut used) = (L as u32 * 8, width);
        while lane < 64 {
            let even = fields(lane * 2, lane);
            word = (word & even) | ((word & !even) >> (lane - used));
            (lane, used) = (lane * 2, used * 2);
        }
        word
    }

    #[inline(always)]
    fn spread<const L: usize>(self, mut bits: u64, width: u32) -> u64 {
        let (mut lane, mut used) = (64, width * 8 / L as u32);
        while lane > L as u32 * 8 {
            (lane, used) = (lane / 2, used / 2);
            let low = fields(lane * 2, used);
            bits = (bits & low) | ((bits >> used) & low) << lane;
        }
        bits
    }
}

/// A processor that was found to have BMI2: made nowhere else.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct Bmi2(());

#[cfg(target_arch = "x86_64")]
impl Machine for Bmi2 {
    #[inline(always)]
    fn join<const L: usize>(self, word: u64, width: u32) -> u64 {
        // SAFETY: there is such a machine only where the processor has the instruction.
        unsafe { std::arch::x86_64::_pext_u64(word, fields(L as u32 * 8, width)) }
    }

    #[inline(always)]
    fn spread<const L: usize>(self, bits: u64, width: u32) -> u64 {
        // SAFETY: as above.
        unsafe { std::arch::x86_64::_pdep_u64(bits, fields(L as u32 * 8, width)) }
    }
}

/// The low bits, `used` of them, of all lanes of so many bits.
#[inline(always)]
fn fields(lane: u32, used: u32) -> u64 {
    let ones = match lane {
        8 => 0x0101_0101_0101_0101,
        16 => 0x0001_0001_0001_0001,
        32 => 0x0000_0001_0000_0001,
        _ => 1,
    };
    ones * (u64::MAX >> (64 - used))
}

impl Cpu {
    /// Any processor.
    pub(super) const PLAIN: Cpu = Cpu(Level::Plain);

    /// The processor at hand.
    #[inline(always)]
    pub(super) fn at_hand() -> Cpu {
        match KNOWN.load(Ordering::Relaxed) {
            1 => Cpu::PLAIN,
            #[cfg(target_arch = "x86_64")]
            2 => Cpu(Level::Avx2),
            #[cfg(target_arch = "x86_64")]
            3 => Cpu(Level::Bmi2),
            #[cfg(target_arch = "x86_64")]
            4 => Cpu(Level::Avx512),
            _ => Self::detect(),
        }
    }

    #[cold]
    fn detect() -> Cpu {
        let cpu = *Self::all().last().unwrap_or(&Cpu::PLAIN);
        cpu.remember();
        cpu
    }

    fn remember(self) {
        KNOWN.store(self.0 as u8 + 1, Ordering::Relaxed);
    }

    /// All that the processor can be taken for, the least one first.
    pub(super) fn all() -> Vec<Cpu> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "nothing else is looked for"))]
        let mut all = vec![Cpu::PLAIN];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("bmi2") {
            all.push(Cpu(Level::Avx2));
            // Where it takes hundreds of cycles (AMD before VAES came) the instruction is as good as not there.
            if !is_x86_feature_detected!("sse4a") || is_x86_feature_detected!("vaes") {
                all.push(Cpu(Level::Bmi2));
                // With VBMI, so as to leave out the first processors with AVX-512, which slow down for it.
                if is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512vbmi")
                {
                    all.push(Cpu(Level::Avx512));
                }
            }
        }
        all
    }

    #[cfg(target_arch = "x86_64")]
    pub(super) fn has_avx2(self) -> bool {
        self.0 != Level::Plain
    }

    /// AVX-512 with BW and VL.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn has_avx512(self) -> bool {
        self.0 == Level::Avx512
    }

    /// Does work in code that was compiled for this processor.
    #[inline(always)]
    pub(super) fn run<J: Job>(self, job: J) -> J::Output {
        match self.0 {
            Level::Plain => plain(job),
            // SAFETY: levels are private to this module, which gives them only where `all` found what they stand for.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 if J::WIDEST => unsafe { avx512(job, Bmi2(())) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Bmi2 | Level::Avx512 if J::BY_MACHINE => unsafe { avx2(job, Bmi2(())) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 | Level::Bmi2 | Level::Avx512 => unsafe { avx2(job, Plain) },
        }
    }
}

#[inline(never)]
fn plain<J: Job>(job: J) -> J::Output {
    job.run(Plain)
}

#[cfg(target_arch = "x86_64")]
#[inline(never)]
#[target_feature(enable = "avx2,bmi1,bmi2")]
fn avx2<J: Job, M: Machine>(job: J, machine: M) -> J::Output {
    job.run(machine)
}

#[cfg(target_arch = "x86_64")]
#[inline(never)]
#[target_feature(enable = "avx2,bmi1,bmi2,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn avx512<J: Job, M: Machine>(job: J, machine: M) -> J::Output {
    job.run(machine)
}

/// Makes the library work as on any processor from here on, whatever the one at hand has: for tests, which compare.
pub fn force_plain() {
    Cpu::PLAIN.remember();
}
