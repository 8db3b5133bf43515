"""`python -m tests.clients.serving`: the server alone, without a worker, set up by its environment like `galleria serve`."""

import uvicorn

from galleria.bootstrap import server
from galleria.settings import Settings

if __name__ == "__main__":
    settings = Settings()
    uvicorn.run(server(settings), host=settings.host, port=settings.port, proxy_headers=False, log_level="warning")
