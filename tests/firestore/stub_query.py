"""Structured queries over the stub's documents: filters joined by AND, orders, cursors, offset,
limit, select; and counts of them.
"""

from stub_values import invalid, microseconds_of, parse_path, value_at

OPERATORS = {
    "EQUAL": lambda a, b: a == b,
    "NOT_EQUAL": lambda a, b: a != b,
    "LESS_THAN": lambda a, b: a[0] == b[0] and a < b,
    "LESS_THAN_OR_EQUAL": lambda a, b: a[0] == b[0] and a <= b,
    "GREATER_THAN": lambda a, b: a[0] == b[0] and a > b,
    "GREATER_THAN_OR_EQUAL": lambda a, b: a[0] == b[0] and a >= b,
}


def sort_key(value):
    """Orders values of all types as Firestore does."""
    ((kind, inner),) = value.items()
    if kind == "nullValue":
        return (0,)
    if kind == "booleanValue":
        return (1, inner)
    if kind in ("integerValue", "doubleValue"):
        return (2, int(inner) if kind == "integerValue" else float(inner))
    if kind == "timestampValue":
        return (3, microseconds_of(inner))
    if kind == "stringValue":
        return (4, inner.encode())
    if kind == "bytesValue":
        return (5, inner)
    if kind == "referenceValue":
        return (6, [part.encode() for part in inner.split("/")])
    if kind == "arrayValue":
        return (8, [sort_key(each) for each in inner.get("values", [])])
    return (9, sorted((name, sort_key(each)) for name, each in inner.get("fields", {}).items()))


def field(name, document, path):
    if path == "__name__":
        return {"referenceValue": name}
    return value_at(document.fields, parse_path(path))


def matches(name, document, where):
    if not where:
        return True
    if "compositeFilter" in where:
        if where["compositeFilter"].get("op") != "AND":
            raise invalid("the stub knows only AND")
        return all(matches(name, document, each) for each in where["compositeFilter"]["filters"])
    if "unaryFilter" in where:
        value = field(name, document, where["unaryFilter"]["field"]["fieldPath"])
        wanted = where["unaryFilter"]["op"]
        if wanted not in ("IS_NULL", "IS_NOT_NULL"):
            raise invalid("the stub does not know %s" % wanted)
        return value is not None and ("nullValue" in value) == (wanted == "IS_NULL")
    filter_ = where["fieldFilter"]
    value = field(name, document, filter_["field"]["fieldPath"])
    if filter_["op"] == "IN":
        wanted = filter_["value"]["arrayValue"].get("values", [])
        return value is not None and sort_key(value) in map(sort_key, wanted)
    if filter_["op"] not in OPERATORS:
        raise invalid("the stub does not know %s" % filter_["op"])
    if value is None:
        return False
    return OPERATORS[filter_["op"]](sort_key(value), sort_key(filter_["value"]))


def inequalities(where):
    if "compositeFilter" in where:
        for each in where["compositeFilter"]["filters"]:
            yield from inequalities(each)
    elif where.get("fieldFilter", {}).get("op", "EQUAL") not in ("EQUAL", "IN"):
        yield where["fieldFilter"]["field"]["fieldPath"]


def orders_of(query):
    """(path, descending) pairs, the implied ones behind."""
    orders = [
        (each["field"]["fieldPath"], each.get("direction") == "DESCENDING")
        for each in query.get("orderBy", [])
    ]
    if not orders:
        orders = [(path, False) for path in list(inequalities(query.get("where", {})))[:1]]
    if "__name__" not in dict(orders):
        orders.append(("__name__", orders[-1][1] if orders else False))
    return orders


def in_collection(name, parent, source):
    """Whether that document is in the collection that a query looks at."""
    collection, _, _ = name.rpartition("/")
    if source.get("allDescendants"):
        return name.startswith(parent + "/") and collection.endswith("/" + source["collectionId"])
    return collection == parent + "/" + source["collectionId"]


def beyond(row, orders, cursor, is_start):
    """Whether a cursor shuts this row out."""
    for (path, descending), bound in zip(orders, cursor["values"]):
        ours, theirs = sort_key(row[path]), sort_key(bound)
        if ours != theirs:
            return ((ours > theirs) == descending) if is_start else ((ours > theirs) != descending)
    # At the cursor: `before` says that it lies before what equals it.
    return not cursor.get("before", False) if is_start else cursor.get("before", False)


def find(store, parent, query):
    """Names of the documents found, in order, and how many the offset skipped."""
    source, where, orders = query["from"][0], query.get("where", {}), orders_of(query)
    rows = []
    for name, document in store.documents.items():
        if in_collection(name, parent, source) and matches(name, document, where):
            row = {path: field(name, document, path) for path, _ in orders}
            if None not in row.values():  # what lacks a field of the order is not found
                rows.append((name, row))
    for path, descending in reversed(orders):
        rows.sort(key=lambda each: sort_key(each[1][path]), reverse=descending)
    for end, is_start in (("startAt", True), ("endAt", False)):
        if end in query:
            rows = [each for each in rows if not beyond(each[1], orders, query[end], is_start)]
    skipped = min(int(query.get("offset", 0)), len(rows))
    rows = rows[skipped:]
    if "limit" in query:
        limit = query["limit"]
        rows = rows[: int(limit["value"] if isinstance(limit, dict) else limit)]
    return [name for name, _ in rows], skipped


def count(store, parent, query, aggregation):
    found = len(find(store, parent, query)[0])
    if "count" not in aggregation:
        raise invalid("the stub only counts")
    up_to = aggregation["count"].get("upTo")
    return found if up_to is None else min(found, int(up_to))
