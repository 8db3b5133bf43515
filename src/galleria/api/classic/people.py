"""JSON of users and studios in the admin APIs, key by key in the published order."""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from galleria.api.dialects import Dialect, moment_in_milliseconds, moment_or_null
from galleria.gallery.actors import Role
from galleria.gallery.subscriptions.records import Subscription
from galleria.gallery.users.records import User

_NOBODY = {"picture": None, "iconId": None}


def user_v1(user: User, dialect: Dialect) -> dict[str, object]:
    return _user(user, dialect, curator=True)


def user_v2(user: User, dialect: Dialect) -> dict[str, object]:
    return _user(user, dialect, curator=False)


def _user(user: User, dialect: Dialect, *, curator: bool) -> dict[str, object]:
    shaped: dict[str, object] = {
        "id": user.id,
        "accountLocked": user.locked_at is not None,
        "accountLockedAt": moment_or_null(user.locked_at),
        "active": user.is_active,
        "anonymous": False,
        "canSchedule": user.can_schedule,
        "canSetPriority": user.can_set_priority,
        "canSetWorkerAssignment": user.can_assign_jobs,
        **({"curator": user.role is Role.CURATOR} if curator else {}),
        "dateAdded": moment_in_milliseconds(user.created_at),
        "dateUpdated": moment_in_milliseconds(user.updated_at),
        "email": user.email,
        "expirationDate": moment_or_null(user.expires_at),
        "firstName": user.first_name,
        "lastName": user.last_name,
        "numFailedLogins": user.failed_logins,
        "pending": False,
        **({} if curator else {"role": user.role.value}),
        "subscriptionId": user.subscription_id,
        "updateLastLoginDate": moment_or_null(user.last_login_at),
        "userProfile": dict(_NOBODY),
        "validated": user.is_validated,
        "timezone": user.timezone,
    }
    return shaped | {"language": user.language} if dialect.has_later_members else shaped


def subscription_v1(studio: Subscription, dialect: Dialect) -> dict[str, object]:
    return {
        "id": studio.id,
        "active": studio.is_active,
        **({} if dialect.has_later_members else {"defaultWorkerTag": studio.default_worker_tag}),
        "expirationDate": moment_or_null(studio.expires_at),
        "memberPassesPurchased": 0,
        "memberPassesUsed": 0,
        "name": studio.name,
        "primaryContactInfo": _contact(studio),
    }


def subscription_v2(studio: Subscription, dialect: Dialect) -> dict[str, object]:
    shaped: dict[str, object] = {
        "id": studio.id,
        "active": studio.is_active,
        **({} if dialect.has_later_members else {"defaultWorkerTag": studio.default_worker_tag}),
        "expirationDate": moment_or_null(studio.expires_at),
        "name": studio.name,
    }
    return shaped | {"defaultWorkflowCredentialId": studio.default_credential_id} if dialect.has_later_members else shaped


def _contact(studio: Subscription) -> dict[str, object]:
    contact = studio.contact or {}
    address = cast("dict[str, object]", contact.get("address") or {})
    lines = ("country", "addressLine1", "addressLine2", "city", "state", "postalCode")
    return {
        "name": contact.get("name", ""),
        "email": contact.get("email", ""),
        "company": contact.get("company", ""),
        "address": {line: address.get(line, "") for line in lines},
    }


def insight_owner_v1(user: User, dialect: Dialect) -> dict[str, object]:
    """The long way in which Admin V1 describes the owner of an insight. Secrets are null."""
    return {
        "id": user.id,
        "curator": user.role is Role.CURATOR,
        "anonymous": False,
        "licenseCurator": False,
        "sponsor": None,
        **_name(user, dialect.listed_moment),
        "dateTermsAgreed": None,
        **_account(user, dialect.listed_moment),
        "userProfile": dict(_NOBODY),
        "subscriptionId": user.subscription_id,
        **dict.fromkeys(("leadSourceDetail", "industry", "options", "referrer")),
        "expirationDate": dialect.listed_moment(user.expires_at),
        "expDate": dialect.listed_moment(user.expires_at),
        "updateLastLoginDate": dialect.listed_moment(user.last_login_at),
        "sId": None,
        **_means(user),
        "recaptchaResponse": None,
        "timezone": user.timezone,
        "canCreateCollections": user.can_create_collections,
    }


def insight_owner_v2(user: User, dialect: Dialect) -> dict[str, object]:
    """As `insight_owner_v1`, for Admin V2."""
    shaped: dict[str, object] = {
        "id": user.id,
        "role": user.role.value,
        "anonymous": False,
        **_name(user, moment_or_null),
        **_account(user, moment_or_null),
        "userProfile": dict(_NOBODY),
        "subscriptionId": user.subscription_id,
        "expirationDate": moment_or_null(user.expires_at),
        "expDate": moment_or_null(user.expires_at),
        "updateLastLoginDate": moment_or_null(user.last_login_at),
        "windowsIdentity": None,
        **_means(user),
        "timezone": user.timezone,
        "canCreateCollections": user.can_create_collections,
    }
    later: dict[str, object] = {
        "isPasswordMigrated": True,
        "isDeleted": user.deleted_at is not None,
        "deletedById": None,
        "deletedDateTime": moment_or_null(user.deleted_at),
        "defaultWorkerTag": user.default_worker_tag,
        "language": user.language,
        "studio": None,
    }
    return shaped | later if dialect.has_later_members else shaped


def _name(user: User, written: Callable[[datetime | None], str | None]) -> dict[str, object]:
    return {
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "dateAdded": written(user.created_at),
        "dateUpdated": written(user.updated_at),
    }


def _account(user: User, written: Callable[[datetime | None], str | None]) -> dict[str, object]:
    return {
        "validated": user.is_validated,
        "pending": False,
        "active": user.is_active,
        "apiEnabled": user.is_api_enabled,
        "apiKey": None,
        "apiSecret": None,
        "securityInfo": None,
        "numFailedLogins": user.failed_logins,
        "accountLocked": user.locked_at is not None,
        "accountLockedAt": written(user.locked_at),
    }


def _means(user: User) -> dict[str, object]:
    credential = None
    if user.default_credential_id:
        credential = {"username": None, "passwordId": None, "credentialId": user.default_credential_id}
    return {
        "defaultCredential": credential,
        "credentials": [],
        "dataConnections": [],
        "canSchedule": user.can_schedule,
        "canSetPriority": user.can_set_priority,
        "canSetWorkerAssignment": user.can_assign_jobs,
    }
