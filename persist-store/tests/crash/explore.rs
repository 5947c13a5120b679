//! Crashes at every moment of a workload, with all that they may leave; and calls that fail, one after the other.

use std::collections::HashSet;

use persist_store::Durability;

use crate::chance::Chance;
use crate::platter::Platter;
use crate::simulated::{Fault, Moment, Simulated};
use crate::workload::{Broken, Config, EVERY, History, Kept, Op, Session, Wrap, check};

/// How closely to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Depth {
    /// Images of one moment; all of them, where there are no more.
    pub(crate) images: usize,
    /// Crashes during the recovery from a crash, and so on.
    pub(crate) levels: usize,
    /// Of so many images, one is gone on with on the next level, and of so many killed processes.
    pub(crate) one_in: usize,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) workloads: u64,
    pub(crate) moments: u64,
    pub(crate) images: u64,
    /// Moments with so many images that not all of them were looked at.
    pub(crate) sampled: u64,
    /// Calls that failed.
    pub(crate) faults: u64,
}

impl Count {
    pub(crate) fn add(&mut self, other: Count) {
        self.workloads += other.workloads;
        self.moments += other.moments;
        self.images += other.images;
        self.sampled += other.sampled;
        self.faults += other.faults;
    }
}

pub(crate) const CONFIGS: [Config; 6] = [
    Config { durability: Durability::Commit, limit: 1 << 20, keep: 0 },
    Config { durability: Durability::Commit, limit: 0, keep: 2 },
    Config { durability: Durability::OnExit, limit: 0, keep: 0 },
    Config { durability: Durability::OnExit, limit: 0, keep: 2 },
    Config { durability: Durability::Commit, limit: 1 << 20, keep: 1 },
    Config { durability: EVERY, limit: 0, keep: 1 },
];

/// What was there before.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start {
    /// No file.
    Nothing,
    /// A file that was closed.
    Closed,
    /// A file of a process that was killed.
    Killed,
}

pub(crate) const STARTS: [Start; 3] = [Start::Nothing, Start::Closed, Start::Killed];

pub(crate) fn start(from: Start, wrap: Wrap, config: Config) -> Kept<(History, Platter)> {
    let chance = &mut Chance::new(1);
    let mut session = Session::new(Simulated::new(Platter::default()), wrap, config, History::new());
    if matches!(from, Start::Nothing) {
        return Ok((History::new(), Platter::default()));
    }
    session.open()?;
    for op in [Op::Small, Op::Grow, Op::Save] {
        session.apply(op, chance)?;
    }
    match from {
        Start::Closed => session.close(Op::Reopen)?,
        _ => _ = session.apply(Op::Small, chance)?,
    }
    Ok(session.kill())
}

/// What is done after a crash.
const RECOVERIES: [&[Op]; 5] = [
    &[Op::Touch, Op::Small],
    &[Op::Save, Op::Grow],
    &[Op::Small, Op::Reopen, Op::Small],
    &[Op::Reopen],
    &[Op::Replace],
];

/// Runs a workload, and looks at every crash in it.
pub(crate) fn crash_everywhere(
    (history, platter): (History, Platter),
    wrap: Wrap,
    config: Config,
    ops: &[Op],
    depth: Depth,
    chance: &mut Chance,
    count: &mut Count,
) -> Kept {
    let mut session = Session::new(Simulated::recording(platter), wrap, config, history);
    session.open()?;
    for &op in ops {
        session.apply(op, chance)?;
    }
    let moments = session.simulated.take_moments();
    let (history, _) = session.kill();
    count.workloads += 1;
    let mut seen = HashSet::new();
    for (number, moment) in moments.iter().enumerate() {
        count.moments += 1;
        let history = history.until(moment);
        let place = |broken: Broken| broken.at(format_args!("{ops:?}, moment {number}, after {}", moment.call));
        power_loss(moment, wrap, config, &history, depth, chance, count, &mut seen).map_err(place)?;
        if depth.levels > 0 && chance.below(depth.one_in) == 0 {
            // What is not synced is still shown, and still not on disk.
            let ops = RECOVERIES[chance.below(RECOVERIES.len())];
            let deeper = Depth { levels: depth.levels - 1, ..depth };
            crash_everywhere((history, moment.platter.clone()), wrap, config, ops, deeper, chance, count)
                .map_err(|broken| place(broken.at("kill -9, then")))?;
        }
    }
    Ok(())
}

#[allow(clippy::too_many_arguments, reason = "one call of its own")]
fn power_loss(
    moment: &Moment,
    wrap: Wrap,
    config: Config,
    history: &History,
    depth: Depth,
    chance: &mut Chance,
    count: &mut Count,
    seen: &mut HashSet<(u64, usize, usize, usize)>,
) -> Kept {
    let choices = moment.platter.after_power_loss();
    count.sampled += u64::from(choices.count() > depth.images as u64);
    for (number, image) in choices.all(depth.images, chance).into_iter().enumerate() {
        if !seen.insert((image.print(), moment.acked, moment.attempted, moment.kept)) {
            continue;
        }
        count.images += 1;
        let place = |broken: Broken| broken.at(format_args!("power loss, image {number}"));
        let found = check(&image, wrap, config, history).map_err(place)?;
        if depth.levels > 0 && chance.below(depth.one_in) == 0 {
            let mut history = history.clone();
            history.found(found, true);
            let ops = RECOVERIES[chance.below(RECOVERIES.len())];
            let deeper = Depth { levels: depth.levels - 1, ..depth };
            crash_everywhere((history, image), wrap, config, ops, deeper, chance, count)
                .map_err(|broken| place(broken.at("then")))?;
        }
    }
    Ok(())
}

/// Runs a workload over and over, and each time another call fails, or is the last.
pub(crate) fn fail_everywhere(
    (history, platter): (History, Platter),
    wrap: Wrap,
    config: Config,
    ops: &[Op],
    chance: &mut Chance,
    count: &mut Count,
) -> Kept {
    count.workloads += 1;
    for fault in [Fault::Io, Fault::NoSpace, Fault::Short, Fault::Death] {
        for at in 0.. {
            let place = |broken: Broken| broken.at(format_args!("{ops:?}, {fault:?} at call {at}"));
            let simulated = Simulated::failing(platter.clone(), at, fault);
            let mut session = Session::new(simulated, wrap, config, history.clone());
            run(&mut session, ops, chance).map_err(place)?;
            if !session.simulated.failed() {
                break;
            }
            count.faults += 1;
            if chance.below(2) == 0 {
                // Closing may fail, too, for the first time.
                session.close(Op::Drop).map_err(place)?;
            }
            let (history, platter) = session.kill();
            after(&history, platter, wrap, config, chance, count).map_err(place)?;
        }
    }
    Ok(())
}

/// Goes on after errors, as a program would that tries again.
fn run(session: &mut Session, ops: &[Op], chance: &mut Chance) -> Kept {
    let mut open = session.open()?;
    for &op in ops {
        if !open && !session.simulated.is_dead() {
            session.open()?;
        }
        open = session.apply(op, chance)?;
    }
    Ok(())
}

/// The next process finds what the system shows, and goes on; then a power loss.
fn after(
    history: &History,
    platter: Platter,
    wrap: Wrap,
    config: Config,
    chance: &mut Chance,
    count: &mut Count,
) -> Kept {
    for image in platter.after_power_loss().all(3, chance) {
        count.images += 1;
        check(&image, wrap, config, history).map_err(|broken| broken.at("power loss"))?;
    }
    let ops = RECOVERIES[chance.below(RECOVERIES.len())];
    let depth = Depth { images: 2, levels: 0, one_in: 1 };
    crash_everywhere((history.clone(), platter), wrap, config, ops, depth, chance, count)
        .map_err(|broken| broken.at("opened again"))
}

/// A life of random operations, failing calls, kills and power losses; until so many images were looked at.
pub(crate) fn live(seed: u64, wrap: Wrap, images: u64, count: &mut Count) -> Kept {
    let chance = &mut Chance::new(seed);
    while count.images < images {
        let config = Config {
            durability: *chance.pick(&[Durability::Commit, Durability::Commit, Durability::OnExit, EVERY]),
            limit: *chance.pick(&[0, 4000, 1 << 20]),
            keep: *chance.pick(&[0, 0, 1, 2]),
        };
        let (mut history, mut platter) = (History::new(), Platter::default());
        let mut past = String::new();
        for _ in 0..12 {
            let fault = match chance.below(10) {
                0..4 => None,
                4..8 => Some(Fault::Death),
                _ => Some(*chance.pick(&[Fault::Io, Fault::NoSpace, Fault::Short])),
            };
            let at = chance.below(60);
            let simulated = match fault {
                Some(fault) => Simulated::failing(platter, at, fault),
                None => Simulated::new(platter),
            };
            let ops: Vec<Op> = (0..=chance.below(8)).map(|_| *chance.pick(&crate::workload::OPS)).collect();
            past = format!("{past}\n  {ops:?}, {fault:?} at {at}");
            let place = |broken: Broken| broken.at(format_args!("seed {seed}, {config:?}:{past}"));
            count.workloads += 1;
            let mut session = Session::new(simulated, wrap, config, history);
            run(&mut session, &ops, chance).map_err(place)?;
            if chance.below(4) == 0 {
                session.close(*chance.pick(&[Op::Drop, Op::Reopen])).map_err(place)?;
            }
            count.faults += u64::from(session.simulated.failed());
            let (found, shown) = session.kill();
            (history, platter) = (found, shown);
            if chance.below(3) == 0 {
                past.push_str(", killed");
                continue;
            }
            past.push_str(", power loss");
            let choices = platter.after_power_loss();
            let place = |broken: Broken| broken.at(format_args!("seed {seed}, {config:?}:{past}"));
            let mut next = None;
            for _ in 0..16.min(choices.count()) {
                let image = choices.random(chance);
                count.images += 1;
                next = Some((check(&image, wrap, config, &history).map_err(place)?, image));
            }
            if let Some((number, image)) = next {
                history.found(number, true);
                platter = image;
            }
        }
    }
    Ok(())
}
