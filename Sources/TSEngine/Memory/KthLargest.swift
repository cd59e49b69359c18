/// Hoare's selection ("Algorithm 65: FIND", CACM 4(7), 1961): the k-th largest in linear time, without sorting.
enum KthLargest {
  /// The `k`-th largest of `count` numbers, from 1; moves them about.
  @unsafe static func select<T: Comparable>(_ k: Int, of numbers: UnsafeMutablePointer<T>, count: Int) -> T {
    precondition(k >= 1 && k <= count)
    var low = 0, high = count - 1
    let target = k - 1
    while low < high {
      let pivot = unsafe numbers[(low + high) / 2]
      var i = low, j = high
      while i <= j {
        while unsafe numbers[i] > pivot { i += 1 }
        while unsafe numbers[j] < pivot { j -= 1 }
        if i <= j {
          unsafe (numbers[i], numbers[j]) = (numbers[j], numbers[i])
          i += 1
          j -= 1
        }
      }
      if target <= j { high = j } else if target >= i { low = i } else { break }
    }
    return unsafe numbers[target]
  }
}
