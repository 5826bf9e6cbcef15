//! Where in a JSON document something stands: the path to it, and from the path its line.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// One step into a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// The member of an object.
    Field(&'static str),
    /// The item of an array, from 0.
    Index(usize),
}

use Segment::{Field, Index};

/// Writes a path as `accounts[3].address`.
pub(crate) fn show(path: &[Segment]) -> String {
    let mut shown = String::new();
    for segment in path {
        match segment {
            Field(name) if shown.is_empty() => shown.push_str(name),
            Field(name) => shown.push_str(&format!(".{name}")),
            Index(index) => shown.push_str(&format!("[{index}]")),
        }
    }
    shown
}

/// The line of what stands at a path, from 1; none where nothing does.
pub(crate) fn line_of(json: &[u8], path: &[Segment]) -> Option<usize> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let stop = Walk { path }.deserialize(&mut deserializer).err()?;
    // Only the error that is raised on arrival carries this text.
    stop.to_string().starts_with(ARRIVED).then(|| stop.line())
}

const ARRIVED: &str = "arrived";

/// Walks down a path and fails on arrival: the error of a JSON reader knows its line.
struct Walk<'a> {
    path: &'a [Segment],
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("what the path leads to")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((Field(wanted), path)) = self.path.split_first() else {
            return arrived();
        };
        while let Some(name) = map.next_key::<String>()? {
            if name == *wanted {
                return map.next_value_seed(Walk { path });
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Some((Index(wanted), path)) = self.path.split_first() else {
            return arrived();
        };
        for _ in 0..*wanted {
            items.next_element::<IgnoredAny>()?;
        }
        items.next_element_seed(Walk { path }).map(|_| ())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        arrived()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        arrived()
    }
}

fn arrived<E: Error>() -> Result<(), E> {
    Err(E::custom(ARRIVED))
}
