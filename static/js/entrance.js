/* On the way in: the passkey button where passkeys can work, a sentence when they
   did not, and the place of the device as a cookie, so that the server can ask once
   whose time to show. */
(() => {
  const show = (id) => { const part = document.getElementById(id); if (part) part.hidden = false; };
  try {
    document.cookie = `zone=${encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)}; path=/; max-age=31536000; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
  } catch { /* then nobody asks */ }
  // A passkey belongs to a name; an address of numbers has none.
  if (/^[\d.]+$|:/.test(location.hostname)) show('passkey-no-name');
  else if (window.PublicKeyCredential) {
    ['passkey_login', 'mfa_webauthn_authenticate', 'mfa_webauthn_reauthenticate', 'mfa_webauthn_add'].forEach(show);
  }
  document.addEventListener('allauth.error', (event) => { event.preventDefault(); show('passkey-failed'); });
})();
