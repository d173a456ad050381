"""Messages to people: by mail, and by Apprise where it is installed.

A message that cannot be sent is a warning in a log. It never fails a run: what was
published is published. Where the environment names nobody, nothing is sent.
"""

import logging
import os
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from typing import Any, Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from trends.dag_names import WHY

log = logging.getLogger(__name__)

SMTP_VARIABLE: Final = "TRENDS_SMTP_URL"
"""As ``smtp://user:password@host:587/?from=trends@example.org&to=ana@example.org``;
``smtps://`` for TLS from the first byte."""

APPRISE_VARIABLE: Final = "TRENDS_NOTIFY"
"""Addresses as Apprise has them, with spaces between."""

TIMEOUT_SECONDS: Final = 30
PORTS: Final = {"smtp": 587, "smtps": 465}
ON_THIS_MACHINE: Final = ("127.0.0.1", "::1", "localhost")


def deliver(subject: str, text: str) -> None:
    """Send a message wherever the environment says; log where it went, or why not."""
    said = list(_deliver(subject, text))
    if not said:
        log.info(
            "Nobody is told: %s and %s are not set.", SMTP_VARIABLE, APPRISE_VARIABLE
        )
    for was_sent, sentence in said:
        log.log(logging.INFO if was_sent else logging.WARNING, "%s", sentence)


def _deliver(subject: str, text: str) -> Iterator[tuple[bool, str]]:
    if address := os.environ.get(SMTP_VARIABLE, "").strip():
        try:
            yield True, f"Sent by mail to {_mail(address, subject, text)}."
        except (OSError, ValueError) as error:
            yield False, f"No mail was sent: {error}. Is {SMTP_VARIABLE} right?"
    if addresses := os.environ.get(APPRISE_VARIABLE, "").split():
        yield _by_apprise(addresses, subject, text)


def tell_of_failure(context: Mapping[str, Any]) -> None:
    """A DAG's on_failure_callback; runs that were to be drafts tell nobody."""
    from trends.words.notice import failure_notice

    params = context.get("params") or {}
    run = context.get("dag_run")
    by_hand = getattr(run, "run_type", None) != "asset_triggered"
    if by_hand and params.get("publish") == "Draft":
        return
    task = context.get("ti")
    notice = failure_notice(
        dag=context["dag"].dag_id,
        run=str(context["run_id"]),
        task=None if task is None else task.task_id,
        why=None
        if task is None
        else task.xcom_pull(task.task_id, key=WHY, map_indexes=task.map_index),
        reason=str(context.get("reason") or "no reason was given"),
    )
    deliver(notice.subject, notice.text)


def _mail(address: str, subject: str, text: str) -> str:
    """Send by SMTP; to whom.

    Raises:
        ValueError: the address is not one, or a password would go in the clear.
        OSError: the server is not there, or refuses.
    """
    place = urlsplit(address)
    asked = parse_qs(place.query)
    receivers = [one for part in asked.get("to", []) for one in part.split(",") if one]
    if place.scheme not in PORTS or not place.hostname or not receivers:
        raise ValueError("write smtp://user:password@host:587/?from=A&to=B,C")
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())
    message["From"] = asked.get("from", receivers)[0]
    message["To"] = ", ".join(receivers)
    message.set_content(text)
    with _connected(place) as server:
        server.send_message(message)
    return ", ".join(receivers)


def _connected(place: SplitResult) -> smtplib.SMTP:
    host, port = str(place.hostname), place.port or PORTS[place.scheme]
    tls = ssl.create_default_context()
    if place.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, timeout=TIMEOUT_SECONDS, context=tls
        )
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    try:
        server.ehlo()
        is_safe = place.scheme == "smtps" or host in ON_THIS_MACHINE
        if place.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=tls)
            is_safe = True
        if place.username:
            if not is_safe:
                raise ValueError(f"{host} takes the password in the clear only")
            server.login(unquote(place.username), unquote(place.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _by_apprise(addresses: list[str], subject: str, text: str) -> tuple[bool, str]:
    try:
        import apprise
    except ImportError:
        return False, (
            f"{APPRISE_VARIABLE} is set, and Apprise is not installed: "
            "pip install 'benchmark-trends[notify]'"
        )
    sender = apprise.Apprise()
    bad = [n for n, address in enumerate(addresses, 1) if not sender.add(address)]
    if bad:
        return False, f"{APPRISE_VARIABLE}: address {bad[0]} is none that Apprise knows"
    if not sender.notify(title=subject, body=text, body_format="text"):
        return False, f"Apprise could not reach all {len(addresses)} addresses."
    return True, f"Sent by Apprise to {len(addresses)} addresses."
