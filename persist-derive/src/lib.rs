//! The derive of `persist`. Use it by way of the crate `persist-rs`, which re-exports it.

mod mistakes;
mod errors;
mod rename;
mod attributes;
mod model;
mod validate;
mod bounds;
mod expand;
mod fallback;
mod memoize;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use errors::Errors;
use model::Model;

/// Saves and loads a type: all of its fields, but for those that are left out.
///
/// ```
/// use persist::{Persist, dumps, loads};
///
/// #[derive(Persist)]
/// struct Library {
///     url: String,
///     borrowed: u64,
///     #[transient(rebuild = Connection::open(url)?)]
///     connection: Connection,
///     #[transient]
///     searches: Vec<String>,
/// }
/// # struct Connection(String);
/// # impl Connection {
/// #     fn open(url: &str) -> Result<Self, std::io::Error> {
/// #         Ok(Connection(url.to_owned()))
/// #     }
/// # }
///
/// # let connection = Connection::open("sqlite://books")?;
/// # let searches = vec!["Momo".to_owned()];
/// let library = Library { url: "sqlite://books".to_owned(), borrowed: 2, connection, searches };
/// let library: Library = loads(&dumps(&library)?)?;
/// assert_eq!(library.borrowed, 2);
/// assert_eq!(library.connection.0, "sqlite://books"); // opened again
/// assert!(library.searches.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It works on structs of every form, on enums, and on generic and recursive types. A field whose type cannot be saved
/// is a compile error that names that type. Type parameters that saved fields use have to be `Persist`; parameters that
/// only transient fields and `PhantomData` use need not.
///
/// # Fields that are left out
///
/// | on a field | it comes back as |
/// | --- | --- |
/// | `#[transient]` | `Default::default()` |
/// | `#[transient(rebuild = expression)]` | the expression's value |
/// | `#[transient(provided)]` | a clone of what the loader was given, by type: `Loader::new().provide(value)` |
///
/// The expression has in scope, as references: the saved fields of the struct or variant by their names (`_0`, `_1` for
/// those without), the transient fields above its own, and `context: &Context`, unless a field has that name. `?` works
/// on every error that is `Into<Box<dyn Error + Send + Sync>>`; it reaches the caller of `loads` with the type and the
/// field, and with the error itself as its source. The saved values come from the bytes that are loaded: an address in a
/// file from a stranger is a stranger's address.
///
/// ```
/// # use persist::{Loader, Persist, dumps};
/// #[derive(Persist)]
/// enum Job {
///     Fetch {
///         host: String,
///         port: u16,
///         #[transient(rebuild = format!("{host}:{port}").parse()?)]
///         address: std::net::SocketAddr,
///     },
///     Add(u32, u32, #[transient(rebuild = _0 + _1)] u32, #[transient(provided)] Client),
/// }
///
/// #[derive(Clone)]
/// struct Client(&'static str);
///
/// let bytes = dumps(&Job::Add(2, 3, 0, Client("here")))?;
/// match Loader::new().provide(Client("there")).loads(&bytes)? {
///     Job::Add(2, 3, 5, Client("there")) => {}
///     _ => panic!("another job came back"),
/// }
/// # Ok::<(), persist::Error>(())
/// ```
///
/// # Attributes
///
/// Names and meanings are serde's wherever serde has the same thing.
///
/// | `#[persist(..)]` on a type | |
/// | --- | --- |
/// | `rename = "name"` | the name it is saved under, which is a label only |
/// | `rename_all = "rule"` | changes the names of a struct's fields or of an enum's variants: `lowercase`, `UPPERCASE`, `PascalCase`, `camelCase`, `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case`, `SCREAMING-KEBAB-CASE` |
/// | `rename_all_fields = "rule"` | changes the names of the fields of an enum's variants |
/// | `transparent` | saves a struct as its one field |
/// | `before_save = path` | `fn(&self) -> Result<()>`, called before a value is written |
/// | `after_load = path` | `fn(&mut self, &Context) -> Result<()>`, called once a value is built |
/// | `default`, `default = expression` | what is loaded may lack any field of a struct; it is then that of the struct's default |
/// | `deny_unknown_fields` | what is loaded may not have other fields |
/// | `version = 2` | the number of the form that it is saved in; 1 where it is not given |
/// | `upgrade_from = Type` | values of older versions are loaded as that type, and made of it by `TryFrom` |
/// | `into = Type` with `from = Type` or `try_from = Type` | it is saved as that type, by `Clone` and `Into`, and made of it by `From` or `TryFrom` |
/// | `bound = "T: Bound"` | takes the place of the bounds that would be made |
/// | `crate = path` | where the library is, if not at `::persist` |
///
/// | `#[persist(..)]` on a variant | |
/// | --- | --- |
/// | `rename = "name"` | the name it is saved under |
/// | `alias = "name"` | another name that it is loaded by; may be given many times |
/// | `other` | on a unit variant: it stands for all variants that the enum does not have |
///
/// | `#[persist(..)]` on a field | |
/// | --- | --- |
/// | `rename = "name"` | the name it is saved under |
/// | `alias = "name"` | another name that it is loaded by; may be given many times |
/// | `alias_one` | on a sequence: it was one value before, which is loaded as a sequence of one |
/// | `unknown` | on a map from `String` to `Value`: keeps what is loaded of fields that the type does not have, and saves it again |
/// | `default` | what is loaded may lack it; it is then `Default::default()` |
/// | `default = expression` | what is loaded may lack it; it is then the expression's value |
/// | `with = module` | saves what `module::get_state(&T) -> Result<impl ..>` gives, and loads it with `module::set_state(state, &Context) -> Result<T>` |
/// | `serde` | saves a type that has serde's traits |
///
/// ```
/// # use persist::{Context, Error, Persist, Result, dumps, loads};
/// #[derive(Persist, Debug, PartialEq)]
/// #[persist(rename_all = "camelCase", after_load = Self::check)]
/// struct Alarm {
///     #[persist(with = clock)]
///     starts_at: Time,
///     #[persist(default = 60)]
///     repeats_after: u32,
/// }
///
/// # #[derive(Debug, PartialEq)]
/// struct Time { hour: u8, minute: u8 } // from another crate, so to speak
///
/// mod clock {
/// #   use super::*;
///     pub fn get_state(time: &Time) -> Result<(u8, u8)> {
///         Ok((time.hour, time.minute))
///     }
///
///     pub fn set_state((hour, minute): (u8, u8), _: &Context) -> Result<Time> {
///         Ok(Time { hour, minute })
///     }
/// }
///
/// impl Alarm {
///     fn check(&mut self, _: &Context) -> Result<()> {
///         if self.starts_at.hour < 24 { Ok(()) } else { Err(Error::new("a day has 24 hours")) }
///     }
/// }
///
/// # fn main() -> Result<()> {
/// let alarm = loads::<Alarm>(br#"{"startsAt":[7,30]}"#)?;
/// assert_eq!(alarm, Alarm { starts_at: Time { hour: 7, minute: 30 }, repeats_after: 60 });
/// assert_eq!(loads::<Alarm>(&dumps(&alarm)?)?, alarm);
/// assert!(loads::<Alarm>(br#"{"startsAt":[25,0]}"#).is_err());
/// # Ok(())
/// # }
/// ```
///
/// What the derive writes is an impl of the trait as one writes it by hand, and the two mix at any depth.
#[proc_macro_derive(Persist, attributes(persist, transient))]
pub fn derive_persist(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut errors = Errors::new();
    let model = Model::read(&input, &mut errors);
    validate::check(&model, &mut errors);
    match errors.finish() {
        None => expand::expand(&model).into(),
        Some(mut mistakes) => {
            mistakes.extend(fallback::expand(&model));
            mistakes.into()
        }
    }
}

/// Keeps the results of a function in files, across runs: for the same arguments it is computed once.
///
/// ```standalone_crate
/// use std::path::Path;
///
/// #[persist::memoize(path = "cache", version = 3)]
/// fn thumbnail(image: &Path, size: u32) -> Result<Vec<u8>, std::io::Error> {
///     let image = std::fs::read(image)?;
///     Ok(image.into_iter().step_by(size as usize).collect()) // expensive, so to speak
/// }
///
/// # let folder = tempfile::tempdir()?;
/// # std::env::set_current_dir(folder.path())?;
/// # std::fs::write("photo", [1, 2, 3, 4])?;
/// let first = thumbnail(Path::new("photo"), 2)?; // computes
/// let second = thumbnail(Path::new("photo"), 2)?; // reads a file in `cache`
/// assert_eq!(first, second);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// The function's signature stays as it is, and so do its attributes. It may be a free function, a method, an
/// associated function, generic, or `async`, under any runtime. Of calls with the same key one computes, and the others
/// wait for it, in all threads and processes. A memo that fails (a full disk, a damaged file) never fails the call,
/// which computes; the module `persist::memo` tells what is kept, and what is told of failures.
///
/// # The key
///
/// It is made of the function's name, `version`, the types of arguments and result, and all arguments. These have to be
/// `Persist`, or references to what is, such as `&str`, `&Path`, `&[T]`, `&T`. So has the result, without references,
/// since it is loaded; it may be `Cow`. Type parameters, and those of `Self`, are a part of the key by their names.
///
/// The body is not: when the function gives something else for the same arguments, raise its `version`. What it reads
/// besides its arguments, such as the content of a file, is not a part of the key either: give it as an argument (its
/// hash, its time of change), or set a `ttl`.
///
/// What a `Result` holds is kept if it is `Ok`, and an error is given back, and computed again the next time. That goes
/// by how the type is called in the signature: a type of another name is kept as a whole.
///
/// # Options
///
/// | option | |
/// | --- | --- |
/// | `path = expression` | the folder, as anything that is `AsRef<Path>`; required. A relative one counts from the current directory at the first call |
/// | `version = expression` | a number or text; results of other versions are not used |
/// | `name = expression` | the function's name in the key, instead of its path: results stay when it is moved or renamed |
/// | `ignore(argument, ..)` | leaves arguments out of the key, `self` included. Arguments that are `&mut` have to be |
/// | `ttl = expression` | a `Duration`; older results are computed anew |
/// | `max_size = expression` | bytes (`u64`) that all results may take; what was used longest ago is removed |
/// | `max_entries = expression` | how many results (`u64`) there may be; the same |
/// | `cache_errors` | keeps a `Result` as a whole, whose error has to be `Persist` then |
/// | `on_error = expression` | a function of `&Error` that is called when the memo fails |
/// | `handle = name` | makes a function of this name, as visible as this one, that gives its `&'static Memo`: for `clear`, `statistics`, `last_error`. In an impl it is written `handle = Self::name` |
/// | `crate = path` | where the library is, if not at `::persist` |
///
/// Expressions are evaluated once, at the first call. They do not see the arguments; `Self` they see only with a
/// `handle`.
///
/// ```
/// use std::time::Duration;
///
/// struct Client {
///     // ..
/// #   calls: std::cell::Cell<u32>,
/// }
///
/// impl Client {
///     #[persist::memoize(
///         path = std::env::temp_dir().join("weather"),
///         ignore(self),
///         ttl = Duration::from_secs(3600),
///         max_size = 100 << 20,
///         on_error = |error| eprintln!("{error}"),
///         handle = Self::forecasts
///     )]
///     fn forecast(&self, city: &str) -> Result<Vec<f32>, String> {
///         // ..
/// #       self.calls.set(self.calls.get() + 1);
/// #       if city.is_empty() { return Err("no city".to_owned()) }
/// #       Ok(vec![20.5, 19.0])
///     }
/// }
///
/// # Client::forecasts().clear().map_err(|error| error.to_string())?;
/// # let client = Client { calls: std::cell::Cell::new(0) };
/// let today = client.forecast("Rome")?;
/// assert_eq!(client.forecast("Rome")?, today);
/// assert!(client.forecast("").is_err());
/// assert_eq!(Client::forecasts().statistics().hits, 1);
/// # assert_eq!(client.calls.get(), 2);
/// # std::fs::remove_dir_all(std::env::temp_dir().join("weather")).map_err(|error| error.to_string())?;
/// # Ok::<(), String>(())
/// ```
///
/// # Several functions in one folder
///
/// Each has a folder of its own in it, which is named after the function. Two functions of one full name are not told
/// apart: that are those in two closures, or in two blocks, of one function, and those of two programs whose crates are
/// called the same. Give them a `name`. The full name and the names of types are those that the compiler gives: a new
/// compiler may call them otherwise, and then everything is computed anew.
///
/// # Recursion
///
/// A function may call itself. With the same key (which takes an ignored argument to end) the inner call is computed
/// directly, since it would wait for itself.
#[proc_macro_attribute]
pub fn memoize(options: TokenStream, item: TokenStream) -> TokenStream {
    memoize::expand(options.into(), item.into()).into()
}
