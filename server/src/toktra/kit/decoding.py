"""Bodies of hot routes, decoded once: bytes to structs, without the dictionary in between."""

from collections.abc import Generator
from typing import Any, Generic, TypeVar

import msgspec
from litestar.dto import AbstractDTO, DTOFieldDefinition
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from toktra.kit.errors import BadRequest, invalid

T = TypeVar("T")
_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}


class DecodedOnce(AbstractDTO[T], Generic[T]):
    """`dto=DecodedOnce[Shape]`: the body is decoded by msgspec straight into `Shape`."""

    def decode_bytes(self, value: bytes) -> Any:
        decoder = _DECODERS.get(self.model_type)
        if decoder is None:
            decoder = _DECODERS[self.model_type] = msgspec.json.Decoder(self.model_type)
        try:
            return decoder.decode(value)
        except msgspec.ValidationError as wrong:
            raise invalid(str(wrong)) from wrong
        except (msgspec.DecodeError, UnicodeDecodeError) as broken:
            raise BadRequest(f"The body is not valid JSON: {broken}.") from broken

    @classmethod
    def create_for_field_definition(cls, *args: Any, **kwargs: Any) -> None:
        """Nothing to prepare."""

    @classmethod
    def create_openapi_schema(
        cls, field_definition: FieldDefinition, handler_id: str, schema_creator: Any
    ) -> Reference | Schema:
        return schema_creator.for_field_definition(field_definition)  # type: ignore[no-any-return]

    @classmethod
    def generate_field_definitions(cls, model_type: type[Any]) -> Generator[DTOFieldDefinition, None, None]:
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:
        return False
