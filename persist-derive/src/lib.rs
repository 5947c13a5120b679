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

/// Keeps the results of a function in files, across runs: it is computed once for the same arguments.
#[proc_macro_attribute]
pub fn memoize(options: TokenStream, item: TokenStream) -> TokenStream {
    memoize::expand(options.into(), item.into()).into()
}
