// Turns the platform's session into the admin's: an access token, sent once, for a cookie of its own.
(() => {
  'use strict';
  const form = document.getElementById('sign-in');
  const note = document.getElementById('note');

  const say = (text) => {
    note.textContent = text;
    note.hidden = false;
  };

  const post = (path, options) =>
    fetch(path, { method: 'POST', credentials: 'same-origin', cache: 'no-store', keepalive: true, ...options });

  const open = async (access) => {
    const answer = await post(form.dataset.session, { headers: { Authorization: `Bearer ${access}` } });
    if (answer.status === 204) location.replace(form.dataset.wanted);
    else if (answer.status === 403) say('Your role does not permit this.');
    else say('This did not work. Try again in a moment.');
  };

  const signIn = async () => {
    const body = JSON.stringify({ username: form.username.value, password: form.password.value });
    const answer = await post('/api/auth/login/', { body, headers: { 'Content-Type': 'application/json' } });
    if (answer.ok) await open((await answer.json()).access);
    else if (answer.status === 429) say('Too many attempts. Wait a minute.');
    else if (answer.status < 500) say('Wrong username or password.');
    else say('The accounts cannot be reached. Try again in a moment.');
  };

  const failed = () => say('The platform cannot be reached. Try again in a moment.');

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    note.hidden = true;
    signIn().catch(failed);
  });

  const comeInUnasked = async () => {
    const answer = await post('/api/auth/refresh/', {});
    if (answer.status === 200) await open((await answer.json()).access);
  };
  if (form.dataset.silent === 'yes') comeInUnasked().catch(failed);
})();
