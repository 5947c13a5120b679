use persist::Persist;

struct Socket;

#[derive(Persist)]
struct Type {
    id: u8,
    #[transient(provided)]
    socket: Socket,
}

fn main() {}
