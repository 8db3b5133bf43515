// Shows one of the APIs and signs what is tried out with the visitor's own key and secret.
"use strict";

(() => {
  const links = [...document.querySelectorAll("nav a")];
  const wanted = new URLSearchParams(location.search).get("api");
  const chosen = links.find((link) => link.dataset.api === wanted) || links[0];
  chosen.setAttribute("aria-current", "page");

  // The authorization dialog gives key and secret as a Basic header; this is where they end.
  function signed(request) {
    if (request.loadSpec) return request;
    const given = request.headers.Authorization || "";
    delete request.headers.Authorization;
    if (given.startsWith("Basic ")) {
      const [key, ...secret] = atob(given.slice(6)).split(":");
      const address = new URL(request.url, location.href).href;
      const { authorization, nonce, now } = signing;
      request.headers.Authorization = authorization(request.method || "GET", address, key, secret.join(":"), nonce(), now());
    }
    return request;
  }

  SwaggerUIBundle({
    url: chosen.dataset.api + ".json",
    dom_id: "#api",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    docExpansion: "list",
    persistAuthorization: false,
    tryItOutEnabled: true,
    validatorUrl: null,
    requestInterceptor: signed,
  });
})();
