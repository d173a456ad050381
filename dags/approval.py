"""A person's word before a run is published whose headlines move far."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from airflow.providers.standard.exceptions import HITLTimeoutError
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowSkipException
from conventions import here

from trends.dag_names import NOTE

ANSWER_WITHIN: Final = timedelta(days=6)
"""A run is ended after seven; other runs of its DAG wait meanwhile."""


class AskAboutMoves(ApprovalOperator):
    """Show the table of moves and wait for an answer; skipped where there is none.

    Args:
        plan: the run's working folder as it is handed over; a refusal speaks of it.
    """

    template_fields = (*ApprovalOperator.template_fields, "plan")

    def __init__(self, *, plan: str, **words: Any) -> None:
        """Take what any approval takes, and whose run it is."""
        super().__init__(
            subject="Publish, although headlines move far?",
            response_timeout=ANSWER_WITHIN,
            execution_timeout=None,  # it would end the wait
            **words,
        )
        self.plan = plan

    def execute(self, context: Context) -> Any:
        """Ask, unless nothing is to be looked at."""
        if not self.body:
            raise AirflowSkipException("No headline moves far: nobody is asked.")
        self.log.info("%s", self.body)
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Go on, or say why nothing is published."""
        from trends.pipeline import NotApprovedError, planned
        from trends.words import approved_sentence, rejected_sentence

        as_of, run_id = planned(here(self.plan))
        if self.REJECT in event.get("chosen_options", []):
            said = rejected_sentence(approval(event), as_of=as_of, run_id=run_id)
            self.log.info("%s", said)
            # before Airflow skips what is downstream, for nothing runs after that
            context["ti"].xcom_push(key=NOTE, value=said)
        try:
            answer = super().execute_complete(context, event)
        except HITLTimeoutError as error:
            raise NotApprovedError(
                f"nothing was published: nobody approved run {run_id} within "
                f"{ANSWER_WITHIN.days} days. Readers keep what is published; trigger "
                "the forecast again to be asked again"
            ) from error
        self.log.info("%s", approved_sentence(approval(answer)))
        return answer


def approval(answer: Mapping[str, Any]) -> dict[str, str]:
    """Who answered, and when, as a run's manifest keeps it."""
    user = answer["responded_by_user"] or {"id": "unknown", "name": "unknown"}
    at = answer["responded_at"]
    when = at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
    return {
        "by": str(user["name"]),
        "user_id": str(user["id"]),
        "at": when.astimezone(UTC).isoformat(timespec="seconds"),
    }
