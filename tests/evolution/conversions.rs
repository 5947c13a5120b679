//! Types that are saved as others: `from`, `try_from`, `into`, `transparent`.

use persist::{ErrorKind, Persist, dumps, inspect, loads};

use crate::evolves;

#[derive(Persist, Clone, Debug, PartialEq)]
struct Text(String);

/// Degrees, that are saved as text.
#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(try_from = String, into = String)]
struct Degrees {
    value: f64,
}

impl From<Degrees> for String {
    fn from(degrees: Degrees) -> String {
        format!("{}°", degrees.value)
    }
}

impl TryFrom<String> for Degrees {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.strip_suffix('°').ok_or_else(|| format!("`{text}` has no degrees"))?;
        digits.parse().map(|value| Degrees { value }).map_err(|_| format!("`{digits}` is no number"))
    }
}

#[test]
fn a_type_is_saved_as_another() {
    let value = Degrees { value: 36.5 };
    evolves(&value, &value);
    evolves(&value, &"36.5°".to_owned());
    evolves(&"36.5°".to_owned(), &value);
    assert_eq!(inspect(&dumps(&value).unwrap()).unwrap().to_string(), "\"36.5°\"");
    let error = loads::<Vec<Degrees>>(&dumps(&vec!["1°", "hot"]).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Hook);
    assert!(error.to_string().contains("[1]") && error.to_string().contains("`hot` has no degrees"), "{error}");
}

#[test]
fn conversions_are_generic_and_have_hooks() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    #[persist(from = Vec<T>, into = Vec<T>, after_load = Self::count)]
    struct Stack<T: Clone> {
        items: Vec<T>,
        count: usize,
    }
    impl<T: Clone> Stack<T> {
        fn count(&mut self, _: &persist::Context) -> persist::Result<()> {
            self.count = self.items.len();
            Ok(())
        }
    }
    impl<T: Clone> From<Vec<T>> for Stack<T> {
        fn from(items: Vec<T>) -> Self {
            Stack { items, count: 0 }
        }
    }
    impl<T: Clone> From<Stack<T>> for Vec<T> {
        fn from(stack: Stack<T>) -> Self {
            stack.items
        }
    }
    evolves(&vec![1u8, 2], &Stack { items: vec![1u16, 2], count: 2 });
}

#[test]
fn a_newtype_becomes_its_field_and_back() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    #[persist(transparent)]
    struct Name {
        text: String,
    }
    evolves(&"n".to_owned(), &Name { text: "n".into() });
    evolves(&Name { text: "n".into() }, &"n".to_owned());
    evolves(&Text("n".into()), &Text("n".into()));
}
