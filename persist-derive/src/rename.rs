//! The rules of `rename_all`: serde's eight.

/// How names are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

/// The rules by the names they are asked for, which are written by the rules themselves.
pub(crate) const RULES: [(&str, Rule); 8] = [
    ("lowercase", Rule::Lower),
    ("UPPERCASE", Rule::Upper),
    ("PascalCase", Rule::Pascal),
    ("camelCase", Rule::Camel),
    ("snake_case", Rule::Snake),
    ("SCREAMING_SNAKE_CASE", Rule::ScreamingSnake),
    ("kebab-case", Rule::Kebab),
    ("SCREAMING-KEBAB-CASE", Rule::ScreamingKebab),
];

impl Rule {
    /// The rule of that name.
    pub(crate) fn named(name: &str) -> Option<Rule> {
        RULES.iter().find(|(known, _)| *known == name).map(|(_, rule)| *rule)
    }

    /// The new name of a field, which is in snake case, as Rust has it.
    pub(crate) fn apply_to_field(self, name: &str) -> String {
        match self {
            Rule::Lower | Rule::Snake => name.to_owned(),
            Rule::Upper | Rule::ScreamingSnake => name.to_ascii_uppercase(),
            Rule::Pascal => pascal_from_snake(name),
            Rule::Camel => lower_first(&pascal_from_snake(name)),
            Rule::Kebab => name.replace('_', "-"),
            Rule::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }

    /// The new name of a variant, which is in Pascal case, as Rust has it.
    pub(crate) fn apply_to_variant(self, name: &str) -> String {
        match self {
            Rule::Pascal => name.to_owned(),
            Rule::Lower => name.to_ascii_lowercase(),
            Rule::Upper => name.to_ascii_uppercase(),
            Rule::Camel => lower_first(name),
            // From here on a variant is as a field.
            _ => self.apply_to_field(&snake_from_pascal(name)),
        }
    }
}

fn pascal_from_snake(name: &str) -> String {
    name.split('_')
        .flat_map(|word| word.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(word.chars().skip(1)))
        .collect()
}

fn snake_from_pascal(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for (i, letter) in name.char_indices() {
        if i > 0 && letter.is_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_changed_as_serde_changes_them() {
        let fields = [
            ("lowercase", "very_tasty2"),
            ("UPPERCASE", "VERY_TASTY2"),
            ("PascalCase", "VeryTasty2"),
            ("camelCase", "veryTasty2"),
            ("snake_case", "very_tasty2"),
            ("SCREAMING_SNAKE_CASE", "VERY_TASTY2"),
            ("kebab-case", "very-tasty2"),
            ("SCREAMING-KEBAB-CASE", "VERY-TASTY2"),
        ];
        let variants = [
            ("lowercase", "verytasty"),
            ("UPPERCASE", "VERYTASTY"),
            ("PascalCase", "VeryTasty"),
            ("camelCase", "veryTasty"),
            ("snake_case", "very_tasty"),
            ("SCREAMING_SNAKE_CASE", "VERY_TASTY"),
            ("kebab-case", "very-tasty"),
            ("SCREAMING-KEBAB-CASE", "VERY-TASTY"),
        ];
        for (rule, expected) in fields {
            assert_eq!(Rule::named(rule).map(|rule| rule.apply_to_field("very_tasty2")).as_deref(), Some(expected));
        }
        for (rule, expected) in variants {
            assert_eq!(Rule::named(rule).map(|rule| rule.apply_to_variant("VeryTasty")).as_deref(), Some(expected));
        }
        assert_eq!(Rule::Camel.apply_to_field("a"), "a");
        assert_eq!(Rule::Snake.apply_to_variant("A"), "a");
        assert_eq!(Rule::Pascal.apply_to_field("__hidden"), "Hidden");
        assert_eq!(Rule::Snake.apply_to_variant("HTTPError"), "h_t_t_p_error");
        assert_eq!(Rule::named("snake-case"), None);
    }
}
