use persist::{Context, Persist, Result};

struct Socket;

mod half {
    pub fn get_state(_: &u8) -> persist::Result<u8> {
        Ok(5)
    }
}

mod other_type {
    use super::*;

    pub fn get_state(_: &String) -> Result<u8> {
        Ok(5)
    }

    pub fn set_state(_: u8, _: &Context) -> Result<String> {
        Ok(String::new())
    }
}

mod no_context {
    use super::*;

    pub fn get_state(_: &u8) -> Result<u8> {
        Ok(5)
    }

    pub fn set_state(state: u8) -> u8 {
        state
    }
}

mod no_state {
    use super::*;

    pub fn get_state(_: &u8) -> Result<Socket> {
        Ok(Socket)
    }

    pub fn set_state(_: Socket, _: &Context) -> Result<u8> {
        Ok(5)
    }
}

#[derive(Persist)]
struct Missing {
    #[persist(with = nowhere)]
    nowhere: u8,
    #[persist(with = half)]
    half: u8,
}

#[derive(Persist)]
struct Wrong {
    #[persist(with = other_type)]
    other_type: u8,
    #[persist(with = no_context)]
    no_context: u8,
    #[persist(with = no_state)]
    no_state: u8,
}

fn main() {}
