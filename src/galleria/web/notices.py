"""What the next page says about what was just done: a word in a cookie that stands for one of these sentences."""

NOTICES = {
    "signed-out": "You are signed out.",
    "signed-out-everywhere": "You are signed out in every other browser.",
    "set-up": "The gallery is yours. Publish a workflow to begin.",
    "saved": "Saved.",
    "password": "The password was changed. Other sign-ins have ended.",
    "published": "Published.",
    "version": "The new version is published.",
    "cancelled": "The run is being cancelled.",
    "deleted": "Deleted.",
    "shared": "Shared.",
    "removed": "Removed.",
    "created": "Created.",
    "renewed": "A new pair of keys was made. The old one no longer works.",
}
