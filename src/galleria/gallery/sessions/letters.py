"""Links that sign somebody in, by mail: to those who are invited, and to those who have forgotten their password."""

from sqlalchemy.orm import Session

from galleria.gallery.actors import Actor, Role, system
from galleria.gallery.groups.service import effective_role
from galleria.gallery.mails.records import Kind
from galleria.gallery.mails.service import is_recent, write_mail
from galleria.gallery.sessions.service import new_link
from galleria.gallery.users.service import find_by_email, get_user

INVITED_S = 7 * 24 * 3600.0
"""How long a link holds that lets somebody in."""
FORGOTTEN_S = 3600.0
_QUIET_S = 300.0
"""Within which nobody gets a second link because somebody says that the password is forgotten."""


def invite_by_mail(db: Session, actor: Actor, user_id: str) -> None:
    """Write to a user who was made: whoever opens the link in the mail is signed in, once."""
    token = new_link(db, actor, user_id, INVITED_S)
    user = get_user(db, actor, user_id)
    text = f"Welcome, {user.full_name}. You have an account in a gallery of workflows.\n\nThis link signs you in, once, within a week:"
    write_mail(db, user, Kind.INVITATION, "Your account in the gallery", text, f"/sign-in/{token}?next=/profile")


def mail_to_forgetful(db: Session, email: str, via: str = "web") -> None:
    """Write a link to whoever has this e-mail. Nothing is said to the one who asks, and nothing done too often."""
    user = find_by_email(db, email)
    if user is None or effective_role(db, user) is Role.NO_ACCESS or is_recent(db, user.id, Kind.RESET, _QUIET_S):
        return
    text = "Somebody, hopefully you, said that your password is forgotten.\n\n"
    text += "This link signs you in, once, within an hour; then choose another password. If it was not you, do nothing."
    token = new_link(db, system(via), user.id, FORGOTTEN_S)
    write_mail(db, user, Kind.RESET, "Sign in and choose a new password", text, f"/sign-in/{token}?next=/profile")
