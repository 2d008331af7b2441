// On the way in: the passkey button where passkeys can work, and the place of the
// device as a cookie, so that the server can ask once whose time to show.
(function () {
  "use strict";
  try {
    document.cookie = "zone=" + encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone) +
      "; path=/; max-age=31536000; samesite=lax" + (location.protocol === "https:" ? "; secure" : "");
  } catch (e) { /* then nobody asks */ }
  if (window.PublicKeyCredential) {
    ["passkey_login", "mfa_webauthn_authenticate", "mfa_webauthn_add"].forEach(function (id) {
      var button = document.getElementById(id);
      if (button) button.hidden = false;
    });
  }
})();
