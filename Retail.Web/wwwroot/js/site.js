// Improves pages that are complete without it: each block looks for its own data attribute.

// A form that may be sent once: a second click does nothing.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) return event.preventDefault();
  if (!('once' in form.dataset)) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = 'yes';
  event.submitter?.setAttribute('aria-disabled', 'true');
});
// The back button restores the page from memory: it may be sent again.
window.addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll('form[data-sent]')) {
    delete form.dataset.sent;
    form.querySelector('[aria-disabled]')?.removeAttribute('aria-disabled');
  }
});

// Filters, sorting and cart quantities apply when they change. In the folded filters of a small screen
// people choose several at once and press Apply.
document.addEventListener('change', (event) => {
  const form = event.target.form;
  if (event.target.closest('details') && window.matchMedia('(max-width: 60rem)').matches) return;
  if (form && 'autosubmit' in form.dataset && form.reportValidity()) form.requestSubmit();
});

// Fields left empty stay out of the address.
document.addEventListener('formdata', (event) => {
  if (event.target.method !== 'get') return;
  for (const [name, value] of [...event.formData]) if (value === '') event.formData.delete(name);
});

// A variant's price, stock and pictures replace the old ones in place.
document.addEventListener('change', async (event) => {
  const form = event.target.closest('form[data-variants]');
  if (!form || event.target.type !== 'radio') return;
  const query = new URLSearchParams();
  for (const radio of form.querySelectorAll('input[type=radio]:checked')) query.set(radio.name, radio.value);
  const address = `${location.pathname}?${query}`;
  const chosen = [event.target.name, event.target.value];
  const quantity = form.elements.namedItem('quantity')?.value;
  const turn = form.dataset.turn = String(Number(form.dataset.turn ?? 0) + 1);
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (form.dataset.turn !== turn) return;
    for (const old of document.querySelectorAll('[data-variant-part]')) {
      const fresh = page.querySelector(`[data-variant-part="${old.dataset.variantPart}"]`);
      if (fresh) old.replaceWith(document.adoptNode(fresh));
    }
    history.replaceState(null, '', answer.url);
    const field = document.querySelector('form[data-variants] [name=quantity]');
    if (field && quantity) field.value = quantity;
    [...document.querySelectorAll('form[data-variants] input[type=radio]')]
      .find((radio) => radio.name === chosen[0] && radio.value === chosen[1])?.focus();
  } catch {
    location.assign(address);
  }
});

// What is left of a flash sale, or until it starts; the moment itself is in the page as text. The shop's clock counts, not the visitor's.
const countdowns = document.querySelectorAll('time[data-countdown]');
let ahead = 0;
if (countdowns.length) {
  fetch('/health', { cache: 'no-store' }).then((answer) => { ahead = (Date.parse(answer.headers.get('date')) || Date.now()) - Date.now(); }).catch(() => {});
}
for (const time of countdowns) {
  const end = Date.parse(time.dateTime);
  const starts = time.dataset.countdown === 'starts';
  const said = time.textContent;
  const pad = (n) => String(n).padStart(2, '0');
  const tick = () => {
    const left = Math.floor((end - Date.now() - ahead) / 1000);
    if (left > 86400) return;
    if (left <= 0) { time.textContent = starts ? 'Started: load the page again' : 'Ended'; clearInterval(timer); return; }
    time.textContent = `${starts ? 'Starts in ' : ''}${pad(Math.floor(left / 3600))}:${pad(Math.floor(left / 60) % 60)}:${pad(left % 60)}${starts ? '' : ' left'}`;
    time.title = said;
  };
  const timer = setInterval(tick, 1000);
  tick();
}

// Admin forms: one more row from the list's template, instead of asking the server for it.
document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-add-row]');
  const rows = button && document.getElementById(button.dataset.addRow);
  const template = rows?.parentElement.querySelector('template');
  if (!template) return;
  event.preventDefault();
  const holder = document.createElement('template');
  holder.innerHTML = template.innerHTML.replaceAll('__i__', String(rows.children.length));
  rows.append(holder.content);
  rows.lastElementChild.querySelector('input, select')?.focus();
});

// What is live is asked for again while somebody looks, and swapped in place; what was unfolded stays so, and nothing moves under
// a person who reads numbers or has the focus inside.
for (const live of document.querySelectorAll('[data-live]')) {
  const refresh = async () => {
    if (document.hidden || live.contains(document.activeElement) || live.querySelector('details[open]')) return;
    try {
      const answer = await fetch(location.href, { cache: 'no-store' });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.querySelector('[data-live]');
      if (fresh) live.replaceChildren(...document.adoptNode(fresh).childNodes);
    } catch { /* the next try follows */ }
  };
  setInterval(refresh, 1000 * Number(live.dataset.live));
}

// Said first: what was wrong with the form.
document.querySelector('[data-focus]')?.focus();
