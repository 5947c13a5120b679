//! Functions of every form.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use persist::{Memo, Persist, memoize};

use crate::{count, counts, folder};

counted! { LENGTH, DIVIDED, FOUND, KEPT }

/// A doc comment.
#[memoize(path = folder(), version = 1)]
#[must_use]
pub fn length(text: &str, list: &[u16], times: u32) -> u64 {
    count(&LENGTH);
    (text.len() as u64 + list.len() as u64) * u64::from(times)
}

#[test]
fn what_was_computed_is_not_computed_again() {
    for _ in 0..3 {
        assert_eq!(length("abc", &[1, 2], 2), 10);
        assert_eq!(length("abc", &[1], 2), 8);
        assert_eq!(length("abc", &[1, 2], 3), 15);
        assert_eq!(length("ab", &[1, 2], 2), 8);
        assert_eq!(length(&String::from("abc"), &Vec::from([1, 2]), 2), 10);
    }
    assert_eq!(counts([&LENGTH]), [4]);
}

#[memoize(path = folder(), handle = divisions)]
fn divided(a: i32, b: i32) -> Result<i32, String> {
    count(&DIVIDED);
    let given = a.checked_div(b).ok_or("divided by zero")?;
    if given == 7 {
        return Err("seven".to_owned());
    }
    Ok(given)
}

#[memoize(path = folder(), cache_errors)]
fn kept(a: i32) -> Result<i32, String> {
    count(&KEPT);
    Err(format!("no {a}"))
}

#[memoize(path = folder())]
fn found(name: &str) -> Option<u32> {
    count(&FOUND);
    name.parse().ok()
}

#[test]
fn errors_are_not_kept() {
    for _ in 0..3 {
        assert_eq!(divided(6, 2), Ok(3));
        assert_eq!(divided(6, 0), Err("divided by zero".to_owned()));
        assert_eq!(divided(14, 2), Err("seven".to_owned()));
        assert_eq!(kept(5), Err("no 5".to_owned()));
        assert_eq!(found("x"), None);
        assert_eq!(found("5"), Some(5));
    }
    assert_eq!(counts([&DIVIDED, &KEPT, &FOUND]), [7, 1, 2]);
    let statistics = divisions().statistics();
    assert_eq!((statistics.hits, statistics.computed, statistics.failures), (2, 7, 0));
    assert_eq!(divisions().usage().unwrap().results, 1);
    divisions().clear().unwrap();
    assert_eq!(divided(6, 2), Ok(3));
    assert_eq!(counts([&DIVIDED]), [8]);
    assert!(divisions().name().ends_with("forms::divided"), "{}", divisions().name());
}

mod versions {
    use super::{AtomicUsize, count, folder, memoize};

    pub(super) static COMPUTED: AtomicUsize = AtomicUsize::new(0);

    macro_rules! version {
        ($name:ident, $version:expr) => {
            pub(super) mod $name {
                #[super::memoize(path = super::folder(), name = "versioned", version = $version)]
                pub(crate) fn function(a: u8) -> u8 {
                    super::count(&super::COMPUTED);
                    a + 1
                }
            }
        };
    }

    version!(one, 1);
    version!(again, 1);
    version!(two, 2);
    version!(text, "2024-01");
    version!(built, concat!("a", "b"));
}

#[test]
fn another_version_is_computed_anew() {
    assert_eq!(versions::one::function(1), 2);
    // The name is given, so that it stays when the function moves; but what it is called in is known.
    assert_eq!(versions::one::function(1), 2);
    assert_eq!(counts([&versions::COMPUTED]), [1]);
    assert_eq!(versions::two::function(1), 2);
    assert_eq!(versions::text::function(1), 2);
    assert_eq!(versions::built::function(1), 2);
    assert_eq!(counts([&versions::COMPUTED]), [4]);
    assert_eq!(versions::again::function(1), 2);
    assert_eq!(counts([&versions::COMPUTED]), [4]);
}

counted! { SHADE, SELF_KEY, OTHER, MAKE_A, MAKE_B, TRAIT }

#[derive(Persist, Clone, Debug, PartialEq)]
struct Scene {
    name: String,
    lights: HashMap<String, f32>,
}

struct Renderer {
    _handle: *const u8,
}

impl Renderer {
    #[memoize(path = folder(), ignore(self, log), handle = Self::shades, max_entries = 100)]
    fn shade(&self, scene: &Scene, log: &mut Vec<String>, tags: HashSet<u8>) -> Scene {
        count(&SHADE);
        log.push(scene.name.clone());
        Scene { name: format!("{} {}", scene.name, tags.len()), lights: scene.lights.clone() }
    }
}

impl Scene {
    #[memoize(path = folder(), ttl = Duration::from_secs(3600), max_size = 1 << 20)]
    fn brightness(&self, factor: f64) -> f64 {
        count(&SELF_KEY);
        self.lights.values().map(|light| f64::from(*light)).sum::<f64>() * factor
    }

    #[memoize(path = folder())]
    fn make(n: u8) -> Self {
        count(&MAKE_A);
        Scene { name: n.to_string(), lights: HashMap::new() }
    }

    #[memoize(path = folder(), ignore(self))]
    fn by_value(self: Arc<Self>, mut list: Vec<u8>) -> Vec<u8> {
        count(&OTHER);
        list.push(1);
        list
    }
}

#[derive(Persist, Debug, PartialEq)]
struct Two(u8);

trait Named {
    fn named(n: u8) -> String;

    #[memoize(path = folder())]
    fn provided(n: u8) -> String
    where
        Self: Sized,
    {
        count(&TRAIT);
        format!("{} {n}", Self::named(n))
    }
}

impl Two {
    #[memoize(path = folder())]
    fn make(n: u8) -> Two {
        count(&MAKE_B);
        Two(n)
    }
}

impl Named for Two {
    #[memoize(path = folder())]
    fn named(n: u8) -> String {
        format!("two {n}")
    }
}

impl Named for Scene {
    #[memoize(path = folder())]
    fn named(n: u8) -> String {
        format!("scene {n}")
    }
}

#[test]
fn methods() {
    let lights: HashMap<String, f32> = (0..50).map(|i| (i.to_string(), 1.0)).collect();
    let scene = Scene { name: "room".into(), lights };
    let same = Scene { name: "room".into(), lights: (0..50).rev().map(|i| (i.to_string(), 1.0)).collect() };
    let mut log = Vec::new();
    let one = Renderer { _handle: std::ptr::null() };
    let first = one.shade(&scene, &mut log, [1, 2].into());
    let second = Renderer { _handle: std::ptr::from_ref(&1u8) }.shade(&same, &mut log, [2, 1].into());
    assert_eq!(first, second);
    assert_eq!(log, ["room"]);
    assert_eq!(Renderer::shades().statistics().hits, 1);
    assert!(Renderer::shades().name().ends_with("Renderer::shade"), "{}", Renderer::shades().name());

    assert!((scene.brightness(2.0) - 100.0).abs() < 1e-9);
    assert!((same.brightness(2.0) - 100.0).abs() < 1e-9);
    assert!(Scene { name: "dark".into(), lights: HashMap::new() }.brightness(2.0).abs() < 1e-9);
    assert_eq!(Arc::new(scene).by_value(vec![2]), [2, 1]);
    assert_eq!(Arc::new(same).by_value(vec![2]), [2, 1]);
    assert_eq!(counts([&SHADE, &SELF_KEY, &OTHER]), [1, 2, 1]);
}

#[test]
fn functions_of_one_name_are_told_apart() {
    assert_eq!(Scene::make(1).name, "1");
    assert_eq!(Two::make(1), Two(1));
    assert_eq!(Scene::make(1).name, "1");
    assert_eq!(Two::make(1), Two(1));
    assert_eq!(counts([&MAKE_A, &MAKE_B]), [1, 1]);
    for _ in 0..2 {
        assert_eq!(Two::named(1), "two 1");
        assert_eq!(Scene::named(1), "scene 1");
        assert_eq!(Two::provided(1), "two 1 1");
        assert_eq!(Scene::provided(1), "scene 1 1");
    }
    assert_eq!(counts([&TRAIT]), [2]);
}

#[test]
fn functions_in_functions_are_told_apart() {
    fn one() -> u8 {
        #[memoize(path = folder())]
        fn inner() -> u8 {
            1
        }
        inner()
    }
    fn two() -> u8 {
        #[memoize(path = folder())]
        fn inner() -> u8 {
            2
        }
        inner()
    }
    assert_eq!((one(), two(), one(), two()), (1, 2, 1, 2));
}

counted! { GENERIC, SIZE, IMPL }

#[memoize(path = folder())]
fn twice<T>(value: &T) -> (T, T)
where
    T: Persist + Clone,
{
    count(&GENERIC);
    (value.clone(), value.clone())
}

/// Nothing but the parameters tells.
#[memoize(path = folder())]
fn size<T, const N: usize>() -> u64 {
    count(&SIZE);
    (size_of::<T>() * N) as u64
}

struct Of<T>(T);

impl<T: Default + Into<u64>> Of<T> {
    #[memoize(path = folder(), ignore(self))]
    fn bits(&self, n: u8) -> u64 {
        count(&IMPL);
        let _ = &self.0;
        (size_of::<T>() as u64) << n
    }

    #[memoize(path = folder(), handle = Self::widths)]
    fn width(n: u8) -> u64 {
        (size_of::<T>() as u64) + u64::from(n)
    }
}

#[test]
fn generic_functions_have_results_for_each_type() {
    for _ in 0..2 {
        assert_eq!(twice(&1u8), (1, 1));
        assert_eq!(twice(&1u16), (1, 1));
        assert_eq!(twice(&"a".to_owned()), ("a".to_owned(), "a".to_owned()));
        assert_eq!((size::<u8, 3>(), size::<u16, 3>(), size::<u8, 4>()), (3, 6, 4));
        assert_eq!((Of(1u8).bits(1), Of(1u32).bits(1)), (2, 8));
        assert_eq!((Of::<u8>::width(1), Of::<u32>::width(1)), (2, 5));
    }
    assert_eq!(counts([&GENERIC, &SIZE, &IMPL]), [3, 3, 2]);
    assert_eq!(Of::<u16>::widths().statistics().computed, 2);
}

counted! { COW, PATHS }

#[memoize(path = folder())]
fn cow<'t>(text: &'t str, other: Cow<'t, str>) -> Cow<'t, str> {
    count(&COW);
    if text.is_empty() { other } else { Cow::Borrowed(text) }
}

#[memoize(path = folder())]
fn paths(
    path: &Path,
    _unit: (),
    list: &[&str],
    map: BTreeMap<&str, Vec<Option<i128>>>,
) -> Result<String, std::io::Error> {
    count(&PATHS);
    if map.is_empty() {
        return Err(std::io::Error::other("nothing"));
    }
    Ok(format!("{} {} {}", path.display(), list.len(), map.len()))
}

#[memoize(path = folder())]
fn elided(text: Cow<'_, str>) -> Cow<'_, str> {
    text
}

/// Another name for `Result`'s type, but called so.
#[memoize(path = folder())]
fn alias(n: u8) -> std::io::Result<String> {
    if n == 0 { Err(std::io::Error::other("nothing")) } else { Ok(n.to_string()) }
}

/// # Safety
///
/// There is nothing to it.
#[memoize(path = folder())]
#[allow(unsafe_code, reason = "the signature is the point")]
unsafe extern "C" fn unsafe_function(n: u8) -> u8 {
    n
}

#[test]
#[allow(unsafe_code, reason = "the signature is the point")]
fn other_signatures() {
    for _ in 0..2 {
        assert_eq!(elided("a".into()), "a");
        assert_eq!(alias(1).unwrap(), "1");
        assert!(alias(0).is_err());
        // SAFETY: there is nothing to it.
        assert_eq!(unsafe { unsafe_function(1) }, 1);
    }
}

/// What is not Unicode cannot be in the key: it is computed, and told.
#[memoize(path = folder(), handle = exists_memo)]
fn exists(path: &Path) -> bool {
    path.exists()
}

#[cfg(unix)]
#[test]
fn arguments_that_cannot_be_saved_fail_no_call() {
    use std::os::unix::ffi::OsStrExt;
    assert!(!exists(Path::new(std::ffi::OsStr::from_bytes(b"\xFF"))));
    let error = exists_memo().last_error().unwrap().to_string();
    assert!(error.contains("forms::exists.path") && error.contains("not Unicode"), "{error}");
    assert_eq!(exists_memo().usage().unwrap().results, 0);
}

#[test]
fn borrowed_arguments() {
    for _ in 0..2 {
        assert_eq!(cow("a", "b".into()), "a");
        assert_eq!(cow("", "b".into()), "b");
        let map = BTreeMap::from([("x", vec![Some(1), None])]);
        assert_eq!(paths(Path::new("a/b"), (), &["c"], map).unwrap(), "a/b 1 1");
        assert!(paths(Path::new("a/b"), (), &["c"], BTreeMap::new()).is_err());
    }
    assert_eq!(counts([&COW, &PATHS]), [2, 3]);
}

counted! { FIBONACCI, SAME, RAW, STRANGE }

#[memoize(path = folder(), handle = fibonacci_memo)]
fn fibonacci(n: u64) -> u64 {
    count(&FIBONACCI);
    if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

/// Asks itself for itself, once.
#[memoize(path = folder(), ignore(again))]
fn same(n: u64, again: bool) -> u64 {
    count(&SAME);
    if again { same(n, false) + 1 } else { n }
}

#[test]
fn recursion() {
    assert_eq!(fibonacci(50), 12_586_269_025);
    assert_eq!(counts([&FIBONACCI]), [51]);
    assert_eq!(fibonacci_memo().usage().unwrap().results, 51);
    assert_eq!(same(5, true), 6);
    assert_eq!(counts([&SAME]), [2]);
    assert_eq!(same(5, false), 6);
    assert_eq!(counts([&SAME]), [2]);
}

#[memoize(path = folder(), handle = r#use)]
fn r#match(r#type: u8, r#struct: &str) -> String {
    count(&RAW);
    [r#type.to_string().as_str(), r#struct].concat()
}

/// Names that the expansion uses itself.
#[memoize(path = folder())]
fn __memo(__call: u8, call: u8, __builder: u8) -> u8 {
    fn __memo() -> u8 {
        1
    }
    count(&STRANGE);
    __call + call + __builder + __memo()
}

#[test]
fn names() {
    for _ in 0..2 {
        assert_eq!(r#match(1, "x"), "1x");
        assert_eq!(__memo(1, 2, 3), 7);
    }
    assert_eq!(counts([&RAW, &STRANGE]), [1, 1]);
    assert_eq!(r#use().statistics().hits, 1);
    assert!(r#use().name().ends_with("forms::match"), "{}", r#use().name());
}

#[memoize(path = "/dev/null/not/there", handle = failing_memo, on_error = told)]
fn failing(n: u8) -> u8 {
    n
}

counted! { TOLD }

fn told(error: &persist::Error) {
    assert!(error.to_string().contains("/dev/null/not/there"), "{error}");
    count(&TOLD);
}

#[cfg(unix)]
#[test]
fn a_memo_that_fails_fails_no_call() {
    assert_eq!((failing(1), failing(1)), (1, 1));
    let statistics = failing_memo().statistics();
    assert_eq!((statistics.computed, statistics.hits), (2, 0));
    let [told] = counts([&TOLD]);
    assert!(told > 0 && told as u64 == statistics.failures, "{told}");
    assert!(failing_memo().last_error().is_some());
}

#[test]
fn by_hand() {
    let memo = Memo::builder(folder(), "by hand").version(2).build();
    let mut computed = 0;
    for _ in 0..2 {
        let text = memo.get_or_compute(&("a", 1u8), || {
            computed += 1;
            "result".to_owned()
        });
        assert_eq!(text, "result");
        // Another type of result, other arguments: other results.
        assert_eq!(memo.get_or_compute(&("a", 1u8), || 5u64), 5);
        assert_eq!(memo.get_or_compute(&"a", || 'x'), 'x');
        assert_eq!(memo.try_get_or_compute(&1u8, || "x".parse::<u8>().map_err(|_| ())), Err(()));
    }
    assert_eq!(computed, 1);
    assert_eq!(memo.get::<_, String>(&("a", 1u8)).unwrap().as_deref(), Some("result"));
    assert_eq!(memo.get::<_, String>(&("b", 1u8)).unwrap(), None);
}

#[memoize(path = folder())]
fn depth(n: u32) -> u32 {
    if n == 0 { 0 } else { depth(n - 1) + 1 }
}

/// The stack of a test's thread would not do.
#[test]
fn deep_recursion() {
    assert_eq!(depth(1000), 1000);
}
