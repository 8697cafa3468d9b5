"""The version of the suite; that of the protocol, by which rows are comparable, is `benchmark.split`'s."""

VERSION = "0.1.0"
