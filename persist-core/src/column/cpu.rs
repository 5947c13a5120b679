//! Code that is compiled more than once: for any processor, and for those with wider registers.
#![allow(unsafe_code, reason = "one of the modules named for it: calls code compiled for the processor at hand")]

use std::sync::atomic::{AtomicU8, Ordering};

/// What the processor was found to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cpu(Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// The level as a number, once it is known: 1 and up.
static KNOWN: AtomicU8 = AtomicU8::new(0);

/// Work that [`Cpu::run`] does. Its `run` and all that it calls on the way to its loops are `inline(always)`, so that
/// they are compiled with what the processor has.
pub(super) trait Job {
    type Output;

    fn run(self) -> Self::Output;
}

impl Cpu {
    /// Any processor.
    pub(crate) const PLAIN: Cpu = Cpu(Level::Plain);

    /// The processor at hand.
    #[inline(always)]
    pub(crate) fn at_hand() -> Cpu {
        match KNOWN.load(Ordering::Relaxed) {
            1 => Cpu::PLAIN,
            #[cfg(target_arch = "x86_64")]
            2 => Cpu(Level::Avx2),
            #[cfg(target_arch = "x86_64")]
            3 => Cpu(Level::Avx512),
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
    pub(crate) fn all() -> Vec<Cpu> {
        let mut all = vec![Cpu::PLAIN];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("popcnt")
            {
                all.push(Cpu(Level::Avx2));
                // With VBMI, so as to leave out the first processors with AVX-512, which it slows down.
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

    /// Does work in code that was compiled for this processor.
    #[inline(always)]
    pub(super) fn run<J: Job>(self, job: J) -> J::Output {
        match self.0 {
            Level::Plain => plain(job),
            // SAFETY: the levels are private to this module, which gives them only where `all` found what they ask for.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2(job) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512(job) },
        }
    }
}

#[inline(never)]
fn plain<J: Job>(job: J) -> J::Output {
    job.run()
}

#[cfg(target_arch = "x86_64")]
#[inline(never)]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn avx2<J: Job>(job: J) -> J::Output {
    job.run()
}

#[cfg(target_arch = "x86_64")]
#[inline(never)]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
fn avx512<J: Job>(job: J) -> J::Output {
    job.run()
}

/// Makes the library work as on any processor from here on, whatever the one at hand has: for tests, which compare.
pub fn force_plain() {
    Cpu::PLAIN.remember();
}
