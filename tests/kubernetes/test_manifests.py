"""The manifests are valid for several Kubernetes versions, and safe by rules of our own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from ems_tool.configuration import credentials
from ems_tool.configuration.processes import BY_NAME, PROCESSES, Kind, Process, of_kind
from ems_tool.containers import commands

from . import manifests
from .manifests import K8S, OVERLAYS, ROOT, WORKLOADS, Object, every, name_of, of, pod_of

#: From the oldest that people still run to the newest.
VERSIONS = ("1.30", "1.32", "1.34", "1.36")
#: Kinds that an operator brings, with schemas of its own.
FOREIGN = {"RabbitmqCluster"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_is_valid(overlay, version):
    for manifest in manifests.built(overlay):
        if manifest["kind"] not in FOREIGN:
            kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_process_of_a_native_installation_runs_in_the_cluster(overlay):
    deployed = {manifest["metadata"]["name"]: manifest for manifest in of(overlay, "Deployment")}

    # Operators and StatefulSets run the others; epmd runs in the broker's pod.
    own = of_kind(Kind.WEB, Kind.WORKER, Kind.SITE, Kind.GATEWAY)
    assert set(deployed) == {*(process.name for process in own), "redis"}


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("process", of_kind(Kind.WEB, Kind.WORKER), ids=lambda row: row.name)
def test_a_pod_of_a_service_runs_the_command_of_the_table_of_processes(overlay, process: Process):
    [deployment] = [
        manifest
        for manifest in of(overlay, "Deployment")
        if manifest["metadata"]["name"] == process.name
    ]
    container = pod_of(deployment)["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}

    assert container["image"].startswith(f"energy-platform/{process.service.replace('_', '-')}:")
    assert mebibytes(container["resources"]["limits"]["memory"]) == process.memory_mib
    if process.kind is Kind.WORKER:
        assert container["command"] == ["python", "manage.py", process.command]
        assert ports == {"metrics": process.metrics_port}
    else:
        # Without a command the image's own is run, which tests/containers compares.
        assert container.get("command", [process.command])[-1] == process.command
        assert ports == {"http": process.container_port}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_pod_of_a_foreign_server_has_the_memory_of_the_table(overlay):
    for manifest in of(overlay, "Deployment", "StatefulSet"):
        name = manifest["metadata"]["name"]
        if BY_NAME[name].kind in (Kind.SERVER, Kind.SITE, Kind.GATEWAY):
            limit = pod_of(manifest)["containers"][0]["resources"]["limits"]["memory"]
            assert mebibytes(limit) == BY_NAME[name].memory_mib, name


def mebibytes(quantity: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(Mi|Gi)", quantity).groups()
    return int(number) * (1024 if unit == "Gi" else 1)


# Pods.


@pytest.mark.parametrize(("overlay", "manifest"), every(*WORKLOADS))
def test_a_pod_has_no_rights_and_can_change_nothing_of_its_image(overlay, manifest):
    pod = pod_of(manifest)
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert not any("hostPath" in volume for volume in pod["volumes"])
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@pytest.mark.parametrize(("overlay", "manifest"), every(*WORKLOADS))
def test_a_container_names_its_version_and_its_limits(overlay, manifest):
    for container in pod_of(manifest)["containers"]:
        _, colon, tag = container["image"].rpartition(":")
        assert colon and tag != "latest", container["image"]
        assert container["resources"]["limits"]["memory"]
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}


@pytest.mark.parametrize(("overlay", "manifest"), every("Deployment", "StatefulSet"))
def test_a_pod_that_runs_permanently_is_probed(overlay, manifest):
    for container in pod_of(manifest)["containers"]:
        assert "livenessProbe" in container
        # Only who is asked for something has a moment from which it may be.
        ports = {each["name"] for each in container["ports"]} - {"metrics"}
        assert ("readinessProbe" in container) == bool(ports)
        for probe in (container[name] for name in container if name.endswith("Probe")):
            port = probe.get("httpGet", probe.get("tcpSocket", {})).get("port")
            assert port is None or port in {each["name"] for each in container["ports"]}


@pytest.mark.parametrize(("overlay", "manifest"), every(*WORKLOADS))
def test_every_mounted_volume_exists(overlay, manifest):
    pod = pod_of(manifest)
    claimed = {
        each["metadata"]["name"] for each in manifest["spec"].get("volumeClaimTemplates", [])
    }
    volumes = {volume["name"] for volume in pod["volumes"]} | claimed
    settled = {each["metadata"]["name"] for each in of(overlay, "ConfigMap")}

    for container in pod["containers"]:
        assert {mount["name"] for mount in container.get("volumeMounts", [])} <= volumes
        for source in container.get("envFrom", []):
            assert source["configMapRef"]["name"] in settled
    for volume in pod["volumes"]:
        assert volume.get("configMap", {}).get("name") in {None, *settled}


def _secrets(overlay: str) -> set[str]:
    names = set()
    for manifest in of(overlay, *WORKLOADS):
        volumes = pod_of(manifest)["volumes"]
        names |= {each["secret"]["secretName"] for each in volumes if "secret" in each}
    for manifest in of(overlay, "Ingress"):
        names |= {each["secretName"] for each in manifest["spec"]["tls"]}
    return names


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_secrets_are_named_and_never_written_down(overlay):
    explained = (K8S / "README.md").read_text()

    assert of(overlay, "Secret") == []
    for name in _secrets(overlay):
        assert f"`{name}`" in explained, name


def test_the_script_makes_every_secret_but_the_certificate():
    script = (K8S / "secrets").read_text()
    made = set(re.findall(r"^secret ([a-z-]+)", script, re.MULTILINE))
    for kind, names in (("settings", "auth device monitoring postgres rabbitmq redis"),):
        made |= {f"{name}-{kind}" for name in names.split()}
    made |= {f"{name}-migration" for name in ("auth", "device", "monitoring")}

    assert _secrets("single") | _secrets("scale") <= made | {"gateway-tls"}


# Settings: the services themselves say whether something is missing.


@pytest.fixture(scope="module")
def volumes(tmp_path_factory) -> Path:
    """Return the secrets for the cluster, made by the program that `secrets` runs."""
    folder = tmp_path_factory.mktemp("cluster")
    for name in ("home/keys/private", "home/keys/public", "volumes/migration"):
        (folder / name).mkdir(parents=True)
    program = (
        "import sys; from pathlib import Path; from ems_tool.containers import commands as c;"
        "c._HOME, c._VOLUMES = Path(sys.argv[1], 'home'), Path(sys.argv[1], 'volumes');"
        "sys.exit(c.main(['prepare']))"
    )
    environment = {**os.environ, "DOMAIN": "energy.example.org", "ACME_EMAIL": "none"}
    subprocess.run([sys.executable, "-c", program, folder], env=environment, check=True)
    return folder


def _source(secret: str, folder: Path) -> Path:
    """Return the folder that becomes a Secret; see deploy/k8s/secrets."""
    if secret in ("signing-keys", "public-keys"):
        return folder / "home" / "keys" / ("private" if secret == "signing-keys" else "public")
    owner, _, kind = secret.rpartition("-")
    service = f"{owner}_service"
    return folder / "volumes" / (f"migration/{service}" if kind == "migration" else service)


def environment_of(workload: Object, settings: dict[str, str], folder: Path) -> dict[str, str]:
    """Return the environment of a container, with its files at their places here."""
    pod = pod_of(workload)
    container = pod["containers"][0]
    environment = dict(settings) if "envFrom" in container else {}
    environment |= {each["name"]: each["value"] for each in container.get("env", [])}
    sources = {
        each["name"]: _source(each["secret"]["secretName"], folder)
        for each in pod["volumes"]
        if "secret" in each
    }
    for mount in container["volumeMounts"]:
        if mount["name"] in sources:
            place = mount["mountPath"]
            for name, value in environment.items():
                if value == place or value.startswith(f"{place}/"):
                    environment[name] = str(sources[mount["name"]]) + value.removeprefix(place)
    return environment


DJANGO = [
    manifest
    for manifest in of("single", "Deployment", "Job")
    if "service" in manifests.labels_of(manifest)
]


@pytest.mark.parametrize("manifest", DJANGO, ids=name_of)
def test_a_service_starts_with_the_settings_of_its_manifest(manifest, volumes):
    maps = {each["metadata"]["name"]: each for each in of("single", "ConfigMap")}
    environment = environment_of(manifest, maps["settings"]["data"], volumes)
    service = f"{manifests.labels_of(manifest)['service']}_service"

    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT / service,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr[-2000:]


def test_traces_are_off_and_have_the_settings_of_the_containers():
    compose = (ROOT / "docker-compose.yml").read_text()
    contained = dict(re.findall(r"^  (OTEL_\w+): \$\{\1:-(.*)\}$", compose, re.MULTILINE))
    maps = {each["metadata"]["name"]: each["data"] for each in of("single", "ConfigMap")}
    settings = maps["settings"].items()

    assert contained["OTEL_EXPORTER_OTLP_ENDPOINT"] == ""
    assert contained == {name: value for name, value in settings if name.startswith("OTEL_")}


def test_the_gateway_has_the_address_of_every_service():
    routes = (ROOT / "traefik" / "dynamic.yml").read_text()
    variables = set(re.findall(r'env "(EMS_\w+_URL)"', routes))
    for overlay in OVERLAYS:
        [traefik] = [
            manifest
            for manifest in of(overlay, "Deployment")
            if name_of(manifest).endswith("/traefik")
        ]
        given = {each["name"]: each["value"] for each in pod_of(traefik)["containers"][0]["env"]}
        listening = {
            f"http://{manifest['metadata']['name']}:{manifest['spec']['ports'][0]['port']}"
            for manifest in of(overlay, "Service")
            if "ports" in manifest["spec"]
        }
        assert variables <= set(given)
        assert {given[name] for name in variables} <= listening


def test_clients_behind_the_ingress_and_the_gateway_are_distinguished():
    """Both append an address; with the last one all clients would share their limits."""
    for overlay in OVERLAYS:
        maps = {each["metadata"]["name"]: each["data"] for each in of(overlay, "ConfigMap")}
        assert of(overlay, "Ingress")
        assert maps["settings"]["TRUSTED_PROXIES"] == "2"


def test_the_gateway_is_ready_when_its_routes_are_read():
    """Traefik answers 404 until then; the probe's path is one of the routes."""
    routes = (ROOT / "traefik" / "dynamic.yml").read_text()
    fixed = (ROOT / "deploy" / "k8s" / "base" / "traefik.yml").read_text()

    assert yaml.safe_load(fixed)["ping"] == {"entryPoint": "ping", "manualRouting": True}
    assert 'rule: "Path(`/ping`)"\n      service: ping@internal' in routes


# Services and policies.


@pytest.mark.parametrize(("overlay", "manifest"), every("Service"))
def test_a_service_leads_to_a_pod_that_listens_there(overlay, manifest):
    if manifest["spec"].get("type") == "ExternalName":
        return
    selector = {"matchLabels": manifest["spec"]["selector"]}
    pods = [
        pod_of(each)
        for each in of(overlay, *WORKLOADS)
        if manifests.fits(manifests.labels_of(each), selector)
    ]

    assert pods
    for port in manifest["spec"]["ports"]:
        target = port.get("targetPort", port["port"])
        listening = [each for pod in pods for each in pod["containers"][0]["ports"]]
        assert target in {each["name"] for each in listening} | {
            each["containerPort"] for each in listening
        }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_connection_needs_a_network_policy(overlay):
    policies = of(overlay, "NetworkPolicy")
    everybody = [manifest["spec"] for manifest in policies if manifest["spec"]["podSelector"] == {}]

    assert {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} in everybody
    for manifest in policies:
        for rule in [*manifest["spec"].get("ingress", []), *manifest["spec"].get("egress", [])]:
            assert rule["ports"], name_of(manifest)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_budgets_and_autoscalers_name_existing_deployments(overlay):
    deployed = {manifest["metadata"]["name"]: manifest for manifest in of(overlay, "Deployment")}

    for manifest in of(overlay, "PodDisruptionBudget"):
        assert manifest["spec"]["selector"]["matchLabels"]["app"] in deployed
        assert manifest["spec"]["maxUnavailable"] == 1
    for manifest in of(overlay, "HorizontalPodAutoscaler"):
        target = deployed[manifest["spec"]["scaleTargetRef"]["name"]]
        assert manifest["spec"]["minReplicas"] >= 2
        # A number here would set the load's own choice back at every apply.
        assert "replicas" not in target["spec"]


def test_the_overlay_scale_has_autoscalers_and_a_broker_of_three_nodes():
    scaled = {manifest["metadata"]["name"] for manifest in of("scale", "HorizontalPodAutoscaler")}
    [broker] = of("scale", "RabbitmqCluster")

    assert scaled == {process.name for process in PROCESSES if process.autoscaled}
    assert broker["spec"]["replicas"] == 3
    assert broker["metadata"]["name"] == "rabbitmq"
    assert of("scale", "StatefulSet") == []


def test_the_broker_of_a_cluster_makes_quorum_queues():
    secrets = credentials.Secrets()
    secrets.complete()
    secrets.rabbitmq[commands.OPERATOR] = credentials.readable_password()

    definitions: Any = commands.definitions(secrets)

    assert "quorum" in str(definitions["vhosts"][0])
