'use strict';
// The search over all cases. The page is complete without it.
(() => {
  const names = ['passed', 'failed', 'error', 'skipped', 'xfailed', 'xpassed', 'crashed', 'timed_out', 'not_run'];
  const most = 200;  // rows that are shown
  const byId = (id) => document.getElementById(id);
  const query = byId('query'), outcome = byId('outcome'), table = byId('cases'), found = byId('found');
  let cases = null;  // read when they are asked for first: the page opens faster

  const read = () => {
    if (cases) return;
    cases = [];
    for (const [prefix, list] of JSON.parse(byId('data').textContent)) {
      for (const [name, result, seconds] of list) {
        const id = prefix + name;
        cases.push({id, lower: id.toLowerCase(), result, seconds});
      }
    }
  };

  const row = (cell, ...texts) => {
    const line = document.createElement('tr');
    texts.forEach((text, i) => {
      const element = document.createElement(cell);
      element.textContent = text;
      element.className = i === 0 ? 'n' : i === 2 ? 'id' : '';
      line.append(element);
    });
    return line;
  };

  const show = () => {
    read();
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = outcome.value === '' ? -1 : Number(outcome.value);
    const hits = cases.filter((each) =>
      (wanted < 0 || each.result === wanted) && words.every((word) => each.lower.includes(word)));
    found.textContent = hits.length > most ? `${hits.length} cases, the first ${most} are shown` : `${hits.length} cases`;
    table.replaceChildren(row('th', 'Time', 'Outcome', 'Case'), ...hits.slice(0, most).map((each) =>
      row('td', `${each.seconds.toFixed(3)} s`, names[each.result], each.id)));
  };

  names.forEach((name, i) => outcome.append(new Option(name, String(i))));
  query.addEventListener('input', show);
  outcome.addEventListener('change', show);
  byId('search').hidden = false;
})();
