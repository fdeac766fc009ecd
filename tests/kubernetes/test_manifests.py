"""What runs in a cluster: valid for several Kubernetes versions, and safe by rules of our own."""

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
    for one in manifests.built(overlay):
        if one["kind"] not in FOREIGN:
            kubernetes_validate.validate(one, version, strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_process_of_a_native_installation_runs_in_the_cluster(overlay):
    deployed = {one["metadata"]["name"]: one for one in of(overlay, "Deployment")}

    # Operators and StatefulSets run the others; epmd runs in the broker's pod.
    own = of_kind(Kind.WEB, Kind.WORKER, Kind.SITE, Kind.GATEWAY)
    assert set(deployed) == {*(process.name for process in own), "redis"}


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("process", of_kind(Kind.WEB, Kind.WORKER), ids=lambda one: one.name)
def test_a_pod_of_a_service_runs_what_the_table_of_processes_says(overlay, process: Process):
    [deployment] = [
        one for one in of(overlay, "Deployment") if one["metadata"]["name"] == process.name
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
def test_a_pod_that_others_wrote_the_program_for_has_the_memory_of_the_table(overlay):
    for one in of(overlay, "Deployment", "StatefulSet"):
        name = one["metadata"]["name"]
        if BY_NAME[name].kind in (Kind.SERVER, Kind.SITE, Kind.GATEWAY):
            limit = pod_of(one)["containers"][0]["resources"]["limits"]["memory"]
            assert mebibytes(limit) == BY_NAME[name].memory_mib, name


def mebibytes(quantity: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(Mi|Gi)", quantity).groups()
    return int(number) * (1024 if unit == "Gi" else 1)


# Pods.


@pytest.mark.parametrize(("overlay", "one"), every(*WORKLOADS))
def test_a_pod_has_no_rights_and_can_change_nothing_of_its_image(overlay, one):
    pod = pod_of(one)
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


@pytest.mark.parametrize(("overlay", "one"), every(*WORKLOADS))
def test_a_container_names_its_version_and_its_limits(overlay, one):
    for container in pod_of(one)["containers"]:
        _, colon, tag = container["image"].rpartition(":")
        assert colon and tag != "latest", container["image"]
        assert container["resources"]["limits"]["memory"]
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}


@pytest.mark.parametrize(("overlay", "one"), every("Deployment", "StatefulSet"))
def test_what_runs_for_ever_is_probed(overlay, one):
    for container in pod_of(one)["containers"]:
        assert "livenessProbe" in container
        # Only who is asked for something has a moment from which it may be.
        asked = {each["name"] for each in container["ports"]} - {"metrics"}
        assert ("readinessProbe" in container) == bool(asked)
        for probe in (container[name] for name in container if name.endswith("Probe")):
            port = probe.get("httpGet", probe.get("tcpSocket", {})).get("port")
            assert port is None or port in {each["name"] for each in container["ports"]}


@pytest.mark.parametrize(("overlay", "one"), every(*WORKLOADS))
def test_what_is_mounted_is_there(overlay, one):
    pod = pod_of(one)
    claimed = {each["metadata"]["name"] for each in one["spec"].get("volumeClaimTemplates", [])}
    volumes = {volume["name"] for volume in pod["volumes"]} | claimed
    settled = {each["metadata"]["name"] for each in of(overlay, "ConfigMap")}

    for container in pod["containers"]:
        assert {mount["name"] for mount in container.get("volumeMounts", [])} <= volumes
        for source in container.get("envFrom", []):
            assert source["configMapRef"]["name"] in settled
    for volume in pod["volumes"]:
        assert volume.get("configMap", {}).get("name") in {None, *settled}


def _secrets(overlay: str) -> set[str]:
    found = set()
    for one in of(overlay, *WORKLOADS):
        volumes = pod_of(one)["volumes"]
        found |= {each["secret"]["secretName"] for each in volumes if "secret" in each}
    for one in of(overlay, "Ingress"):
        found |= {each["secretName"] for each in one["spec"]["tls"]}
    return found


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
    """What `secrets` hands to the cluster, made by the program that it runs."""
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
    """The folder that becomes a Secret; see deploy/k8s/secrets."""
    if secret in ("signing-keys", "public-keys"):
        return folder / "home" / "keys" / ("private" if secret == "signing-keys" else "public")
    owner, _, kind = secret.rpartition("-")
    service = f"{owner}_service"
    return folder / "volumes" / (f"migration/{service}" if kind == "migration" else service)


def environment_of(workload: Object, settings: dict[str, str], folder: Path) -> dict[str, str]:
    """What a container finds in its environment, its files being where they are here."""
    pod = pod_of(workload)
    container = pod["containers"][0]
    found = dict(settings) if "envFrom" in container else {}
    found |= {each["name"]: each["value"] for each in container.get("env", [])}
    sources = {
        each["name"]: _source(each["secret"]["secretName"], folder)
        for each in pod["volumes"]
        if "secret" in each
    }
    for mount in container["volumeMounts"]:
        if mount["name"] in sources:
            place = mount["mountPath"]
            for name, value in found.items():
                if value == place or value.startswith(f"{place}/"):
                    found[name] = str(sources[mount["name"]]) + value.removeprefix(place)
    return found


DJANGO = [one for one in of("single", "Deployment", "Job") if "service" in manifests.labels_of(one)]


@pytest.mark.parametrize("one", DJANGO, ids=name_of)
def test_a_service_starts_with_the_settings_it_is_given(one, volumes):
    maps = {each["metadata"]["name"]: each for each in of("single", "ConfigMap")}
    environment = environment_of(one, maps["settings"]["data"], volumes)
    service = f"{manifests.labels_of(one)['service']}_service"

    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT / service,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr[-2000:]


def test_traces_go_nowhere_unless_told_and_have_the_settings_they_have_in_containers():
    compose = (ROOT / "docker-compose.yml").read_text()
    contained = dict(re.findall(r"^  (OTEL_\w+): \$\{\1:-(.*)\}$", compose, re.MULTILINE))
    maps = {each["metadata"]["name"]: each["data"] for each in of("single", "ConfigMap")}
    settings = maps["settings"].items()

    assert contained["OTEL_EXPORTER_OTLP_ENDPOINT"] == ""
    assert contained == {name: value for name, value in settings if name.startswith("OTEL_")}


def test_the_gateway_is_told_where_everybody_is():
    routes = (ROOT / "traefik" / "dynamic.yml").read_text()
    wanted = set(re.findall(r'env "(EMS_\w+_URL)"', routes))
    for overlay in OVERLAYS:
        [traefik] = [one for one in of(overlay, "Deployment") if name_of(one).endswith("/traefik")]
        given = {each["name"]: each["value"] for each in pod_of(traefik)["containers"][0]["env"]}
        listening = {
            f"http://{one['metadata']['name']}:{one['spec']['ports'][0]['port']}"
            for one in of(overlay, "Service")
            if "ports" in one["spec"]
        }
        assert wanted <= set(given)
        assert {given[name] for name in wanted} <= listening


def test_a_client_is_told_from_others_behind_the_ingress_and_the_gateway():
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


# Who finds and reaches whom.


@pytest.mark.parametrize(("overlay", "one"), every("Service"))
def test_a_service_leads_to_a_pod_that_listens_there(overlay, one):
    if one["spec"].get("type") == "ExternalName":
        return
    selector = {"matchLabels": one["spec"]["selector"]}
    pods = [
        pod_of(each)
        for each in of(overlay, *WORKLOADS)
        if manifests.fits(manifests.labels_of(each), selector)
    ]

    assert pods
    for port in one["spec"]["ports"]:
        target = port.get("targetPort", port["port"])
        listening = [each for pod in pods for each in pod["containers"][0]["ports"]]
        assert target in {each["name"] for each in listening} | {
            each["containerPort"] for each in listening
        }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_nobody_is_reached_whom_no_policy_names(overlay):
    policies = of(overlay, "NetworkPolicy")
    everybody = [one["spec"] for one in policies if one["spec"]["podSelector"] == {}]

    assert {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} in everybody
    for one in policies:
        for rule in [*one["spec"].get("ingress", []), *one["spec"].get("egress", [])]:
            assert rule["ports"], name_of(one)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_is_scaled_or_kept_running_is_there(overlay):
    deployed = {one["metadata"]["name"]: one for one in of(overlay, "Deployment")}

    for one in of(overlay, "PodDisruptionBudget"):
        assert one["spec"]["selector"]["matchLabels"]["app"] in deployed
        assert one["spec"]["maxUnavailable"] == 1
    for one in of(overlay, "HorizontalPodAutoscaler"):
        target = deployed[one["spec"]["scaleTargetRef"]["name"]]
        assert one["spec"]["minReplicas"] >= 2
        # A number here would set the load's own choice back at every apply.
        assert "replicas" not in target["spec"]


def test_at_scale_web_live_and_ingest_follow_the_load_and_the_broker_has_three_nodes():
    scaled = {one["metadata"]["name"] for one in of("scale", "HorizontalPodAutoscaler")}
    [broker] = of("scale", "RabbitmqCluster")

    assert scaled == {process.name for process in PROCESSES if process.autoscaled}
    assert broker["spec"]["replicas"] == 3
    assert broker["metadata"]["name"] == "rabbitmq"
    assert of("scale", "StatefulSet") == []


def test_the_broker_of_a_cluster_makes_quorum_queues():
    secrets = credentials.Secrets()
    secrets.complete()
    secrets.rabbitmq[commands.OPERATOR] = credentials.readable_password()

    found: Any = commands.definitions(secrets)

    assert "quorum" in str(found["vhosts"][0])
