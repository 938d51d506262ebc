"""Real files for the readers: unpacked once per test session."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.shared import unpacked


@pytest.fixture(scope="session")
def csaf_cisa(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """CISA's advisories."""
    return unpacked("csaf-cisa.tar.gz", tmp_path_factory.mktemp("cisa"))


@pytest.fixture(scope="session")
def csaf_oasis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The test files of the OASIS CSAF committee."""
    return unpacked("csaf-oasis.tar.gz", tmp_path_factory.mktemp("oasis"))


@pytest.fixture(scope="session")
def cyclonedx_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example documents of CycloneDX."""
    return unpacked("cyclonedx.tar.gz", tmp_path_factory.mktemp("cyclonedx"))
