"""The first curator of an empty gallery."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from galleria.database.connect import Database
from galleria.errors import ConflictError
from galleria.gallery.actors import Actor, Role, system
from galleria.gallery.groups.service import actor_for
from galleria.gallery.sessions.passwords import hash_password
from galleria.gallery.users.records import User
from galleria.gallery.users.service import NewUser, create_user


def is_empty(db: Session) -> bool:
    """Say whether there never was a user."""
    return db.scalars(select(User.id).limit(1)).first() is None


def create_first_curator(database: Database, new: NewUser, password: str | None, via: str = "web") -> Actor:
    """Make the user who governs the gallery; ConflictError once there is any user. Whoever may do this is the door's to say.

    None for one who is to sign in elsewhere.
    """
    hashed = None if password is None else hash_password(password)
    with database.write() as db:
        if not is_empty(db):
            raise ConflictError("this gallery has been set up already; sign in")
        user = create_user(db, system(via), NewUser(new.email, Role.CURATOR, new.first_name, new.last_name, timezone=new.timezone))
        user.password_hash = hashed
        user.can_create_collections = True
        return actor_for(db, user, via)
