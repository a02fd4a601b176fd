import { randomBytes } from 'node:crypto';
import { describe } from './api.mjs';
import { expect } from './criteria.mjs';
import { replaceSetting } from './settings.mjs';

/**
 * Logs in, keeps the cookie and asks with it who we are.
 * @returns what to say of it
 * @throws NotMet with what to do about it
 */
export async function logIn({ api, settings, options, note }) {
  const username = settings.get('ADMIN_USERNAME', 'admin');
  const password = settings.get('ADMIN_PASSWORD');
  const answer = await api.call('POST', '/api/auth/login', { username, password }, { keepsCookie: true });
  expect(answer.status === 200, `POST /api/auth/login as ${username} answered ${describe(answer)}`);
  if (answer.body?.user?.must_change_password) {
    expect(
      options.changePassword,
      `${username} must change the first password; run this again with --change-password, or see POST /api/auth/change-password`,
    );
    await changePassword({ api, settings, note }, password);
  }
  const me = await api.get('/api/auth/me');
  expect(me.status === 200, `GET /api/auth/me with the cookie answered ${describe(me)}`);
  expect(
    ['admin', 'superadmin'].includes(me.body.user.role),
    `${username} is a ${me.body.user.role}; restarting takes an admin`,
  );
  return `${me.body.user.username}, ${me.body.user.role}`;
}

async function changePassword({ api, settings, note }, currentPassword) {
  const newPassword = settings.get('NEW_ADMIN_PASSWORD') ?? randomBytes(24).toString('base64url');
  const answer = await api.call(
    'POST',
    '/api/auth/change-password',
    { current_password: currentPassword, new_password: newPassword },
    { keepsCookie: true },
  );
  expect(answer.status < 300, `POST /api/auth/change-password answered ${describe(answer)}`);
  const file = settings.fileOf('ADMIN_PASSWORD');
  if (file !== null) {
    replaceSetting(file, 'ADMIN_PASSWORD', newPassword);
    note(`changed the first password; the new one is ADMIN_PASSWORD in ${file}`);
  } else if (settings.get('NEW_ADMIN_PASSWORD') === undefined) {
    note(`changed the first password; the new one, shown this once: ${newPassword}`);
  } else {
    note('changed the first password to NEW_ADMIN_PASSWORD');
  }
}
