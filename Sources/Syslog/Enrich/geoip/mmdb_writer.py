"""Writes a MaxMind DB (format 2.0) whose records are {"country": {"iso_code": "XX"}}.

File:   search tree | 16 zero bytes | data section | metadata marker | metadata map
Tree:   node i = two records of record_size bits (left: next address bit 0, right: 1).
Record: < node_count: next node; = node_count: nothing known; above: node_count + 16 + offset in the data section.

IPv4 a.b.c.d stands at ::a.b.c.d, as MaxMind's own files have it.
"""

MARKER = b"\xab\xcd\xefMaxMind.com"
UTF8, UINT16, UINT32, MAP, UINT64, ARRAY = 2, 5, 6, 7, 9, 11


def _control(kind, size):
    if size >= 29:
        head, rest = 29, bytes([size - 29])  # up to 284, enough for our texts
    else:
        head, rest = size, b""
    if kind < 8:
        return bytes([kind << 5 | head]) + rest
    return bytes([head, kind - 7]) + rest


def encode_text(value):
    data = value.encode()
    return _control(UTF8, len(data)) + data


def _number(value, kind):
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return _control(kind, len(data)) + data


def encode_map(pairs):
    return _control(MAP, len(pairs)) + b"".join(encode_text(key) + value for key, value in pairs)


class Tree:
    """A binary trie over 128-bit prefixes. A child is 0 (nothing), a node's number, or −1 − (a code's index)."""

    def __init__(self):
        self.left, self.right = [0], [0]

    def insert(self, network, length, value):
        node = 0
        for depth in range(length - 1):
            side = self.right if network >> (127 - depth) & 1 else self.left
            child = side[node]
            if child <= 0:  # a leaf splits: both halves inherit what it said
                self.left.append(child)
                self.right.append(child)
                child = side[node] = len(self.left) - 1
            node = child
        (self.right if network >> (128 - length) & 1 else self.left)[node] = value

    def alias(self, network, length, bits):
        """Lets `network` lead to the subtree below `bits` zeros, as 2002::/16 leads to IPv4 in MaxMind's files."""
        root = 0
        for _ in range(bits):
            root = self.left[root]
        self.insert(network, length, root)

    def insert_range(self, start, end, bits, value):
        """The fewest prefixes that make up start…end (inclusive) of a `bits`-bit space at the low end of ::/0."""
        while start <= end:
            aligned = (start & -start).bit_length() - 1 if start else bits
            size = min(aligned, (end - start + 1).bit_length() - 1)
            self.insert(start, 128 - size, value)
            start += 1 << size


def country_record(code):
    return encode_map([("country", encode_map([("iso_code", encode_text(code))]))])


def encode(
    ranges4, ranges6, description, epoch, *, record_size=None, ip_version=6, database_type="Country",
    record_of=country_record, aliases=(),
):
    """The file's bytes. `ranges4`, `ranges6`: (first, last, "XX"), numbers, sorted and disjoint; `record_of` makes what
    stands in the data section for a code; `aliases`: (network, length) of other ways to IPv4."""
    codes = sorted({code for *_, code in ranges4} | {code for *_, code in ranges6})
    index = {code: -1 - i for i, code in enumerate(codes)}
    tree = Tree()
    for ranges, bits in ((ranges4, 32), (ranges6, 128)):
        for first, last, code in ranges:
            tree.insert_range(first, last, bits, index[code])
    for network, length in aliases:
        tree.alias(network, length, 96)
    if ip_version == 4:
        tree = _without_prefix(tree, 96)
    data, offsets = b"", []
    for code in codes:
        offsets.append(len(data))
        data += record_of(code)
    nodes = len(tree.left)
    largest = nodes + 16 + len(data)
    size = record_size or next(bits for bits in (24, 28, 32) if largest < 1 << bits)

    def record(child):
        return nodes if child == 0 else child if child > 0 else nodes + 16 + offsets[-1 - child]

    body = bytearray()
    for left, right in zip(tree.left, tree.right):
        a, b = record(left), record(right)
        if size == 28:
            body += (a & 0xFFFFFF).to_bytes(3, "big") + bytes([a >> 24 << 4 | b >> 24]) + (b & 0xFFFFFF).to_bytes(3, "big")
        else:
            body += a.to_bytes(size // 8, "big") + b.to_bytes(size // 8, "big")
    meta = encode_map([
        ("binary_format_major_version", _number(2, UINT16)),
        ("binary_format_minor_version", _number(0, UINT16)),
        ("build_epoch", _number(epoch, UINT64)),
        ("database_type", encode_text(database_type)),
        ("description", encode_map([("en", encode_text(description))])),
        ("ip_version", _number(ip_version, UINT16)),
        ("languages", _control(ARRAY, 0)),
        ("node_count", _number(nodes, UINT32)),
        ("record_size", _number(size, UINT16)),
    ])
    return bytes(body) + bytes(16) + data + MARKER + meta


def _without_prefix(tree, bits):
    """The subtree below `bits` zeros, renumbered: an IPv4 file has no ::/96 above it."""
    root = 0
    for _ in range(bits):
        root = tree.left[root]
    result, number, queue = Tree(), {root: 0}, [root]
    for node in queue:
        for side, out in ((tree.left, result.left), (tree.right, result.right)):
            child = side[node]
            if child > 0:
                number[child] = child = len(queue)
                queue.append(side[node])
                result.left.append(0)
                result.right.append(0)
            out[number[node]] = child
    return result
