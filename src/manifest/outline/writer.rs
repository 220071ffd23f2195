//! Values → their outline.

use super::{Outline, Tag};
use serde::ser::{self, Serialize, Serializer};
use std::fmt::{self, Display, Formatter};

/// Adds a value to an outline.
pub(super) struct Writer<'a>(pub(super) &'a mut Outline);

impl Writer<'_> {
    fn tag(&mut self, tag: Tag) {
        self.0.key.push(tag as u8);
    }

    /// Adds a whole number, and `bytes` of it where no token can stand for it: where a condition takes it
    /// for false, and where a field of 32 bits may not hold it.
    fn number(&mut self, tag: Tag, number: Option<i32>, bytes: [u8; 8]) {
        if let Some(number) = number.filter(|number| *number > 0) {
            self.tag(Tag::Number);
            self.0.strings.push_number(number);
        } else {
            self.tag(tag);
            self.0.key.extend(bytes);
        }
    }
}

/// A list, a map or a struct that is not at its end.
pub(super) struct Open<'a> {
    outline: &'a mut Outline,
    /// Whether its keys are the names of fields.
    fields: bool,
}

impl Open<'_> {
    fn add<T: ?Sized + Serialize>(&mut self, value: &T) -> Done {
        value.serialize(Writer(self.outline))
    }

    fn name(&mut self, name: &str) {
        if let Some(names) = &mut self.outline.names {
            names.push(name);
        }
    }

    fn end(self) -> Done {
        Writer(self.outline).tag(Tag::End);
        Ok(())
    }
}

/// Something that no template can say: bytes, or a variant with content.
#[derive(Debug)]
pub(super) struct Unsupported;

impl Display for Unsupported {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("no template can say this")
    }
}

impl std::error::Error for Unsupported {}

impl ser::Error for Unsupported {
    fn custom<T: Display>(_: T) -> Unsupported {
        Unsupported
    }
}

type Done = Result<(), Unsupported>;

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Unsupported;
    type SerializeSeq = Open<'a>;
    type SerializeTuple = Open<'a>;
    type SerializeTupleStruct = Open<'a>;
    type SerializeTupleVariant = ser::Impossible<(), Unsupported>;
    type SerializeMap = Open<'a>;
    type SerializeStruct = Open<'a>;
    type SerializeStructVariant = ser::Impossible<(), Unsupported>;

    fn serialize_bool(mut self, value: bool) -> Done {
        self.tag(if value { Tag::True } else { Tag::False });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(mut self, value: i64) -> Done {
        self.number(Tag::Signed, value.try_into().ok(), value.to_le_bytes());
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(mut self, value: u64) -> Done {
        self.number(Tag::Unsigned, value.try_into().ok(), value.to_le_bytes());
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Done {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(mut self, value: f64) -> Done {
        self.number(Tag::Float, None, value.to_le_bytes());
        Ok(())
    }

    fn serialize_char(self, value: char) -> Done {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(mut self, value: &str) -> Done {
        if value.is_empty() {
            self.tag(Tag::Empty);
        } else {
            self.tag(Tag::Text);
            self.0.strings.push(value);
        }
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Done {
        Err(Unsupported)
    }

    fn serialize_none(self) -> Done {
        self.serialize_unit()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(mut self) -> Done {
        self.tag(Tag::Null);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        mut self,
        _: &'static str,
        number: u32,
        variant: &'static str,
    ) -> Done {
        self.tag(Tag::Variant);
        self.0.key.extend(number.to_le_bytes());
        if let Some(names) = &mut self.0.names {
            names.push(variant);
        }
        Ok(())
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Done {
        Err(Unsupported)
    }

    fn serialize_seq(mut self, _: Option<usize>) -> Result<Open<'a>, Unsupported> {
        self.tag(Tag::List);
        Ok(Open { outline: self.0, fields: false })
    }

    fn serialize_tuple(self, length: usize) -> Result<Open<'a>, Unsupported> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &str, length: usize) -> Result<Open<'a>, Unsupported> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unsupported> {
        Err(Unsupported)
    }

    /// A map of data knows its length; a struct that takes in the fields of another one does not.
    fn serialize_map(mut self, length: Option<usize>) -> Result<Open<'a>, Unsupported> {
        let fields = length.is_none();
        self.tag(if fields { Tag::Struct } else { Tag::Map });
        Ok(Open { outline: self.0, fields })
    }

    fn serialize_struct(mut self, _: &'static str, _: usize) -> Result<Open<'a>, Unsupported> {
        self.tag(Tag::Struct);
        Ok(Open { outline: self.0, fields: true })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unsupported> {
        Err(Unsupported)
    }
}

impl ser::SerializeSeq for Open<'_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Done {
        self.add(value)
    }

    fn end(self) -> Done {
        Open::end(self)
    }
}

impl ser::SerializeTuple for Open<'_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Done {
        self.add(value)
    }

    fn end(self) -> Done {
        Open::end(self)
    }
}

impl ser::SerializeTupleStruct for Open<'_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, value: &T) -> Done {
        self.add(value)
    }

    fn end(self) -> Done {
        Open::end(self)
    }
}

impl ser::SerializeMap for Open<'_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Done {
        self.add(key)?;
        if self.fields {
            self.outline.key.pop();
            let name = self.outline.strings.pop().ok_or(Unsupported)?;
            self.name(&name);
        }
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Done {
        self.add(value)
    }

    fn end(self) -> Done {
        Open::end(self)
    }
}

impl ser::SerializeStruct for Open<'_> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Done {
        self.name(name);
        self.add(value)
    }

    fn end(self) -> Done {
        Open::end(self)
    }
}
