"""Follow a workflow, and tell those who do what happens to it: nobody is told of what he could not see himself."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Exists, delete, exists, select
from sqlalchemy.orm import Session

from galleria.errors import ForbiddenError
from galleria.gallery.actors import Actor
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.groups.service import actor_for
from galleria.gallery.mails.records import Kind
from galleria.gallery.mails.service import write_mail
from galleria.gallery.users.records import User
from galleria.gallery.users.service import find_user
from galleria.gallery.workflows.access import find_workflow, get_workflow, visible_to
from galleria.gallery.workflows.records import Follower, Workflow

ENTITY = "AppInfo"


def follow(db: Session, actor: Actor, workflow_id: str) -> None:
    """Have the actor told of failures and changes of a workflow that he sees; twice changes nothing."""
    workflow = get_workflow(db, actor, workflow_id)
    if actor.user_id is None:
        raise ForbiddenError("only a user follows a workflow; a studio's key is nobody")
    if db.get(Follower, (workflow_id, actor.user_id)) is None:
        db.add(Follower(workflow_id=workflow_id, user_id=actor.user_id))
        # Whoever ends a run leaves a word for those who tell the followers.
        workflow.is_watched = True
        audit.record(db, actor, Event.UPDATE, ENTITY, workflow_id, new={"follower": actor.user_id})
        db.flush()


def unfollow(db: Session, actor: Actor, workflow_id: str) -> None:
    """End it; also for a workflow that the actor does not see any more."""
    gone = delete(Follower).where(Follower.workflow_id == workflow_id, Follower.user_id == actor.user_id)
    if db.execute(gone.returning(Follower.user_id)).first() is not None:
        audit.record(db, actor, Event.UPDATE, ENTITY, workflow_id, {"follower": actor.user_id})


def is_following(db: Session, actor: Actor, workflow_id: str) -> bool:
    return actor.user_id is not None and db.get(Follower, (workflow_id, actor.user_id)) is not None


def followed_by(db: Session, actor: Actor) -> Sequence[Workflow]:
    """List the workflows that the actor follows and still sees, by name."""
    mine = select(Follower.workflow_id).where(Follower.user_id == actor.user_id)
    return db.scalars(select(Workflow).where(Workflow.id.in_(mine), visible_to(actor)).order_by(Workflow.name, Workflow.id)).all()


def is_followed(workflow_id: str) -> Exists:
    """Say, as a condition, whether anybody follows it."""
    return exists().where(Follower.workflow_id == workflow_id)


def followers_of(db: Session, workflow_id: str) -> Iterator[tuple[User, Actor]]:
    """Give those who follow a workflow and see it at this moment; for verbs that tell them something."""
    query = select(User).join(Follower, Follower.user_id == User.id).where(Follower.workflow_id == workflow_id)
    for user in db.scalars(query.order_by(User.id)).all():
        actor = actor_for(db, user, "mail")
        if find_workflow(db, actor, workflow_id) is not None:
            yield user, actor


def tell_of_change(db: Session, actor: Actor, workflow: Workflow, what: str) -> None:
    """Write to the followers, but for who did it; `what` reads "was renamed to Rates"."""
    who = find_user(db, actor.user_id or "")
    by = f" by {who.full_name}" if who is not None else ""
    for user, _ in followers_of(db, workflow.id):
        if user.id != actor.user_id:
            text = f"The workflow {workflow.name} {what}{by}."
            write_mail(db, user, Kind.CHANGE, f"{workflow.name} {what}", text, f"/app/{workflow.id}", about_id=workflow.id)
