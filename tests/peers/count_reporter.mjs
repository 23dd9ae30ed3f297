// A test reporter that writes three numbers: passed, failed, skipped. Suites do not count.
export default async function* count(events) {
  let passed = 0, failed = 0, skipped = 0;
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details.type === 'suite') {
      // A suite that fails by itself (its hooks) has no failing test to count.
      const cause = data.details.error?.failureType;
      if (type === 'test:fail' && cause !== 'subtestsFailed') ++failed;
    } else if (data.skip !== undefined) {
      ++skipped;
    } else if (type === 'test:pass') {
      ++passed;
    } else {
      ++failed;
    }
  }
  yield `${passed} ${failed} ${skipped}\n`;
}
