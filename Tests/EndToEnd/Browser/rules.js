async home => {
  const [f, api, chart, figures, details] = await Promise.all(['format', 'api', 'chart', 'figures', 'details'].map(name => import(`${home}${name}.js`)));
  const wrong = [], is = (name, got, want) => { if (JSON.stringify(got) !== JSON.stringify(want)) wrong.push(`${name}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`); };
  const table = (name, make, pairs) => { for (const [given, want] of pairs) is(`${name}(${given})`, make(given), want); };
  table('count', f.count, [[null, '-'], [NaN, '-'], [0, '0'], [0.6, '1'], [999, '999'], [999.7, '1k'], [1000, '1k'], [1234, '1.2k'], [1999, '1.9k'], [99999, '99.9k'], [100000, '100k'],
    [999999, '999k'], [1e6, '1M'], [1999999, '1.9M'], [999999999, '999M'], [1e9, '1B'], [1.25e9, '1.2B'], [1e12, '1000B']]);
  table('bytes', f.bytes, [[null, '-'], [0, '0 B'], [1023, '1023 B'], [1024, '1 KiB'], [1048575, '1023.9 KiB'], [1048576, '1 MiB'], [2 ** 30, '1 GiB'], [1.5 * 2 ** 40, '1.5 TiB']]);
  table('percent', f.percent, [[null, '-'], [0, '0%'], [0.00004, '<0.01%'], [0.0005, '0.05%'], [0.001, '0.1%'], [0.07, '7%'], [0.29, '29%'], [0.99999, '99.9%'], [1, '100%']]);
  table('latency', f.latency, [[null, '-'], [0, '0'], [0.0000005, '0 µs'], [0.00085, '850 µs'], [0.001, '1 ms'], [0.0042, '4.2 ms'], [0.0999, '99 ms'], [0.9999, '999 ms'], [1, '1 s'], [9.99, '9.9 s'], [61, '61 s']]);
  table('duration', f.duration, [[0, '0s'], [7, '7s'], [65, '1m 05s'], [3723, '1h 2m 3s'], [200000, '2 days']]);
  is('ofBytes', f.ofBytes(43200000, 64 * 2 ** 20), '41.1 of 64 MiB');
  is('ofBytes of other units', f.ofBytes(2 ** 19, 64 * 2 ** 20), '512 KiB of 64 MiB');
  is('change', f.change(112, 100), { text: '▲ 12%', tone: 'better' });
  is('change of errors', f.change(112, 100, true), { text: '▲ 12%', tone: 'worse' });
  is('change from nothing', f.change(3, 0).text, 'new');
  is('change without a base', f.change(3, null).text, '-');
  is('one visitor', f.full('visitors', 1), '1 visitor');
  is('unknown country', [f.valueName('country', 'ZZ'), f.valueName('country', 'DE'), f.valueName('country', '<b>'), f.valueName('path', '~other')], ['Unknown', 'Germany', '<b>', 'everything else']);
  for (const parts of [['is', 'path', '/a', '/b'], ['is', 'path', 'a,b', 'c\\d', '\\,'], ['is_not', 'referrer', ''], ['is', 'path', 'a\\b']])
    is('filter there and back', api.splitFilter(api.joinFilter(parts)), parts);
  is('filter text', api.joinFilter(['is', 'path', 'a,b']), 'is,path,a\\,b');
  is('ticks', chart.ticks(2000), [0, 500, 1000, 1500, 2000]);
  is('ticks of people', chart.ticks(1, false, true), [0, 1]);
  is('ticks of nothing', chart.ticks(0, false, true).length > 1, true);
  is('hours of a week', new Set(figures.hoursOfWeek(0, 7 * 86400)).size, 1);
  is('hours begin on Monday', figures.hoursOfWeek(4 * 86400, 4 * 86400 + 3600).indexOf(1), 0);    // 5 January 1970 was a Monday
  const bins = figures.joinBins([0, 0.001, 0.00105, 0.5], [1, 2, 3, 4]);
  is('joined bins keep every request', bins.reduce((n, b) => n + b.requests, 0), 10);
  is('faster than a millisecond stands beside it', figures.joinBins([0, 0.001], [1, 2]).map(b => b.requests), [1, 2]);
  is('no bins of nothing', figures.joinBins([], []), []);
  is('csv', details.csv('path', [{ path: '=1+1', visitors: null, requests: 2, bytes: 3, duration_p95: 0.5, errors: 0 }, { path: 'a "b", c', visitors: 1, requests: 1, bytes: 1, duration_p95: null, errors: 0 }]).split('\r\n').slice(1, 3),
    ["'=1+1,,2,3,0.5,0", '"a ""b"", c",1,1,1,,0']);
  is('no value is last', [{ n: 1 }, { n: null }, { n: 3 }].sort(details.compare('n', false)).map(r => r.n), [1, 3, null]);
  return wrong;
}
