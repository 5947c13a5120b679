//! Many rows, in groups and chunks; many values, one after the other.

use std::collections::BTreeMap;

use crate::folder::{Form, Golden};

pub(crate) fn cases(golden: &mut Golden) {
    // Long texts that are all the same: many bytes of columns, few of a file.
    let text = |i: usize| ("a text that is the same in all rows, ".repeat(2), i < 1_000);
    golden.forms("many/groups", Form::PACKED, &(0..16_000).map(text).collect::<Vec<_>>());
    let within = |rows: usize| (7u8, (0..rows).map(text).collect::<Vec<_>>(), "behind".to_owned());
    golden.forms("many/groups_within", Form::PACKED, &within(5_000));
    let map = (0..2_000u32).map(|key| (key * 2, "value ".repeat(20))).collect::<BTreeMap<_, _>>();
    golden.forms("many/groups_of_a_map", Form::PACKED, &map);
    golden.forms("many/groups_of_floats", &[Form::Small], &vec![[0.5f64; 8]; 40_000]);
    golden.forms("many/rows", Form::PACKED, &vec![(1u8, -1i64, None::<String>, [true; 3]); 5_000]);

    let value = |n: u32| (n, format!("value {n}"), vec![n; n as usize % 3]);
    golden.stream("many/stream", &[0, 1, 2, 3].map(value));
    golden.stream("many/stream_of_empty", &[(), (), ()]);
    golden.stream("many/stream_of_numbers", &[1.5f64, -0.0, f64::INFINITY]);
}
