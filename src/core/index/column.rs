//! A column of numbers, each as wide as the largest of them needs.

/// Numbers by position, from 0.
pub(super) enum Column {
    One(Vec<u8>),
    Two(Vec<u16>),
    Four(Vec<u32>),
    Eight(Vec<u64>),
}

impl Default for Column {
    fn default() -> Self {
        Self::One(Vec::new())
    }
}

impl Column {
    pub(super) fn get(&self, position: usize) -> u64 {
        match self {
            Self::One(numbers) => numbers[position].into(),
            Self::Two(numbers) => numbers[position].into(),
            Self::Four(numbers) => numbers[position].into(),
            Self::Eight(numbers) => numbers[position],
        }
    }

    /// The number at `position` in a column that never got more than 32 bits.
    pub(super) fn get_u32(&self, position: usize) -> u32 {
        u32::try_from(self.get(position)).unwrap_or(u32::MAX)
    }

    pub(super) fn push(&mut self, number: u64) {
        let is_pushed = match self {
            Self::One(numbers) => u8::try_from(number).map(|number| numbers.push(number)).is_ok(),
            Self::Two(numbers) => u16::try_from(number).map(|number| numbers.push(number)).is_ok(),
            Self::Four(numbers) => u32::try_from(number).map(|number| numbers.push(number)).is_ok(),
            Self::Eight(numbers) => {
                numbers.push(number);
                true
            }
        };
        if !is_pushed {
            self.widen();
            self.push(number);
        }
    }

    pub(super) fn set(&mut self, position: usize, number: u64) {
        let is_set = match self {
            Self::One(numbers) => u8::try_from(number).map(|number| numbers[position] = number).is_ok(),
            Self::Two(numbers) => u16::try_from(number).map(|number| numbers[position] = number).is_ok(),
            Self::Four(numbers) => u32::try_from(number).map(|number| numbers[position] = number).is_ok(),
            Self::Eight(numbers) => {
                numbers[position] = number;
                true
            }
        };
        if !is_set {
            self.widen();
            self.set(position, number);
        }
    }

    fn widen(&mut self) {
        *self = match self {
            Self::One(numbers) => Self::Two(numbers.iter().map(|number| (*number).into()).collect()),
            Self::Two(numbers) => Self::Four(numbers.iter().map(|number| (*number).into()).collect()),
            Self::Four(numbers) => Self::Eight(numbers.iter().map(|number| (*number).into()).collect()),
            Self::Eight(_) => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number() -> impl Strategy<Value = u64> {
        (any::<u64>(), 0..64_u32).prop_map(|(number, shift)| number >> shift)
    }

    proptest! {
        #[test]
        fn a_column_reads_back_as_written(
            pushed in prop::collection::vec(number(), 1..40),
            set in prop::collection::vec((any::<prop::sample::Index>(), number()), 0..20),
        ) {
            let (mut column, mut plain) = (Column::default(), pushed.clone());
            pushed.iter().for_each(|number| column.push(*number));
            for (place, number) in set {
                let position = place.index(plain.len());
                column.set(position, number);
                plain[position] = number;
            }
            let read: Vec<_> = (0..plain.len()).map(|position| column.get(position)).collect();
            prop_assert_eq!(read, plain);
        }
    }
}
