"""Whatever somebody names as a file: read whole, or refused by a line that says why, never read without an end."""

import os
import threading
from contextlib import suppress

import pytest

from nn import load
from nn.commands.uses import used_by
from nn.data import load_csv, load_series, load_texts, read_table
from nn.training.history import History
from nn.user_files import read_whole

READERS = {
    "table": read_table,
    "csv": lambda path: load_csv(path, "y"),
    "series": lambda path: load_series(path, "y", 2),
    "texts": load_texts,
    "network": load,
    "history": History.load,
}
on_posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")


@pytest.mark.parametrize("size", [0, 1, 9, 10])
def test_all_bytes(tmp_path, size):
    path = tmp_path / "file"
    path.write_bytes(bytes(range(size)))
    assert read_whole(path, "a file", 10) == bytes(range(size))


def test_not_more_than_that(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(11))
    with pytest.raises(ValueError, match="file is larger than 10 bytes, the most that is read of a letter"):
        read_whole(path, "a letter", 10)
    with pytest.raises(ValueError, match="is a folder; a letter is expected"):
        read_whole(tmp_path, "a letter", 10)
    with pytest.raises(FileNotFoundError, match="absent"):
        read_whole(tmp_path / "absent", "a letter", 10)


@on_posix
@pytest.mark.parametrize("size", [10, 11, 100_000])
def test_what_a_pipe_brings(tmp_path, size):
    path = tmp_path / "pipe"
    os.mkfifo(path)

    def bring():
        with suppress(BrokenPipeError):  # nobody wants so much
            path.write_bytes(bytes(size))

    writer = threading.Thread(target=bring)
    writer.start()
    try:
        if size <= 10:
            assert read_whole(path, "a letter", 10) == bytes(size)
        else:
            with pytest.raises(ValueError, match="pipe is larger than 10 bytes"):
                read_whole(path, "a letter", 10)
    finally:
        writer.join()


@on_posix
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom", "/dev/null"])
@pytest.mark.parametrize("reader", READERS)
def test_a_device_is_refused(reader, device):
    with pytest.raises(ValueError, match=f"{device} is a device or a socket; a.* is expected"):
        READERS[reader](device)


@pytest.mark.parametrize("reader", READERS)
def test_a_huge_file_is_refused(tmp_path, reader):
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(250_000_001)  # without room on the disk, where that can be
    with pytest.raises(ValueError, match=r"huge is larger than (200|250),000,000 bytes, the most that is read of a"):
        READERS[reader](path)


def test_a_card_that_is_none(tmp_path):
    for content in (b"[" * 100_000, b"\xff", b"{}", b"[]", b" " * 2_000_000):
        (tmp_path / "card.json").write_bytes(content)
        assert used_by(tmp_path) is None
