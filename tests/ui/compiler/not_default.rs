use persist::Persist;

struct Socket;

#[derive(Persist)]
enum Choice {
    Color(#[persist(default)] Paint, u8),
}

#[derive(Persist)]
struct Paint(u8);

#[derive(Persist)]
struct Type {
    id: u8,
    #[transient]
    socket: Socket,
}

fn main() {}
