use persist::{Persist, Result};

#[derive(Persist)]
#[persist(before_save = Self::flush, after_load = Self::check)]
struct Type {
    field: u8,
}

impl Type {
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }

    fn check(&mut self) {}
}

#[derive(Persist)]
#[persist(before_save = Self::tidy_up)]
struct Missing {
    field: u8,
}

fn main() {}
