"""The contracts import nothing that is heavy, and every module of every folder keeps its own."""

import subprocess
import sys

import pytest

from avere import catalogue, interfaces

REGISTRIES = {
    "avere.analyse.families": interfaces.FamilyModule,
    "avere.benchmark": interfaces.BenchmarkModule,
    "avere.cli": interfaces.VerbModule,
    "avere.corpora": interfaces.CorpusModule,
    "avere.exchange.formats": interfaces.FormatModule,
    "avere.models": interfaces.ModelModule,
    "avere.preference.losses": interfaces.LossModule,
    "avere.preference.online.engines": interfaces.EngineModule,
    "avere.preference.online.rewards": interfaces.RewardModule,
}
MODULES = [(package, name) for package in REGISTRIES for name in catalogue.names(package)]


@pytest.mark.parametrize(("package", "name"), MODULES)
def test_every_module_keeps_the_contract_of_its_folder(package, name):
    assert catalogue.find(package, name, REGISTRIES[package])


def test_every_benchmark_has_closed_or_open_questions():
    able = {*catalogue.able("avere.benchmark", interfaces.ClosedBenchmark)}
    able |= {*catalogue.able("avere.benchmark", interfaces.OpenBenchmark)}
    assert able == set(catalogue.names("avere.benchmark"))


def test_every_harness_is_read_or_written_for():
    able = {*catalogue.able("avere.exchange.harnesses", interfaces.HarnessReader)}
    able |= {*catalogue.able("avere.exchange.harnesses", interfaces.HarnessExporter)}
    assert able == set(catalogue.names("avere.exchange.harnesses"))


def test_contracts_bring_no_library_of_the_models():
    code = "import sys, avere.interfaces; print(*({'torch', 'jaxtyping', 'transformers'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
