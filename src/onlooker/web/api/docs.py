"""The API for people: one page made from the OpenAPI description, without scripts of anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from onlooker.web.templating import Pages


@dataclass(frozen=True, slots=True)
class Member:
    """A parameter of an operation, or a member of an object."""

    name: str
    type: str
    description: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[Member] = field(default_factory=list)
    answers: list[Member] = field(default_factory=list)  # the status, the type, when


@dataclass(frozen=True, slots=True)
class Model:
    """An object that goes in or out."""

    name: str
    description: str
    members: list[Member]


def router(app: FastAPI, pages: Pages) -> APIRouter:
    """/docs; `app` is built with docs_url=None and redoc_url=None, whose pages load scripts from elsewhere."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/docs")
    async def docs(request: Request) -> Response:
        schema = app.openapi()
        return pages.render(
            request,
            "api.html",
            title=schema["info"]["title"],
            version=schema["info"]["version"],
            description=schema["info"].get("description", ""),
            openapi_url=app.openapi_url,
            operations=list(operations(schema)),
            models=list(models(schema)),
        )

    return routes


def operations(schema: dict[str, Any]) -> Iterator[Operation]:
    """Every operation of an OpenAPI description, in its order."""
    for path, methods in schema.get("paths", {}).items():
        for method, told in methods.items():
            yield Operation(
                method=method.upper(),
                path=path,
                summary=told.get("summary", ""),
                description=told.get("description", ""),
                parameters=[
                    Member(one["name"], type_of(one["schema"]), one.get("description", ""), one.get("required", False))
                    for one in told.get("parameters", ())
                ],
                answers=[
                    Member(status, _content(answer), answer.get("description", ""))
                    for status, answer in told["responses"].items()
                ],
            )


def models(schema: dict[str, Any]) -> Iterator[Model]:
    """Every object of an OpenAPI description."""
    for name, told in schema.get("components", {}).get("schemas", {}).items():
        required = told.get("required", ())
        members = [
            Member(member, type_of(shape), shape.get("description", ""), member in required)
            for member, shape in told.get("properties", {}).items()
        ]
        yield Model(name, told.get("description", ""), members)


def type_of(shape: dict[str, Any]) -> str:
    """A JSON Schema type in a few words: "string (date-time) or null", "list of Camera"."""
    if "$ref" in shape:
        return str(shape["$ref"]).rpartition("/")[2]
    if "anyOf" in shape:
        return " or ".join(type_of(one) for one in shape["anyOf"])
    if shape.get("type") == "array":
        return f"list of {type_of(shape.get('items', {}))}"
    if shape.get("type") == "object" and "title" in shape:
        return str(shape["title"])
    kind = str(shape.get("type", "anything"))
    return f"{kind} ({shape['format']})" if "format" in shape else kind


def _content(answer: dict[str, Any]) -> str:
    found = [type_of(one["schema"]) if one.get("schema") else kind for kind, one in answer.get("content", {}).items()]
    return ", ".join(dict.fromkeys(found))
