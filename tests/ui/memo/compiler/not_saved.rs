use persist::{Persist, memoize};

struct Client;

#[derive(Persist)]
struct Page {
    text: String,
}

#[memoize(path = "cache")]
fn fetch(client: &Client, page: &Page) -> Page {
    let _ = client;
    Page { text: page.text.clone() }
}

#[memoize(path = "cache")]
fn open(page: Page) -> Result<Client, String> {
    Err(page.text)
}

#[memoize(path = "cache")]
fn generic<T>(value: T) -> u8 {
    drop(value);
    1
}

impl Client {
    #[memoize(path = "cache")]
    fn number(&self) -> u8 {
        1
    }

    #[memoize(path = "cache")]
    async fn wait(self, n: u8) -> Vec<Client> {
        let _ = n;
        vec![self]
    }
}

fn main() {}
